import { describe, expect, it } from 'vitest'
import {
  asError,
  ClosedError,
  ConfigError,
  ConnectionError,
  FencedError,
  isRetriable,
  ProtocolError,
  protocolError,
  TimeoutError,
} from '../../../packages/client/src/errors.ts'

describe('errors', () => {
  it('say by code what they are, and whether trying again may help', () => {
    const all = [
      new ConnectionError('x'),
      new TimeoutError('x'),
      new FencedError('x'),
      new ConfigError('x'),
      new ClosedError('x'),
      new ProtocolError('NOT_LEADER_OR_FOLLOWER', 'x'),
      new ProtocolError('TOPIC_ALREADY_EXISTS', 'x'),
    ]
    expect(all.map(({ code }) => code)).toEqual([
      'CONNECTION_FAILED',
      'TIMED_OUT',
      'FENCED',
      'INVALID_CONFIG',
      'CLOSED',
      'NOT_LEADER_OR_FOLLOWER',
      'TOPIC_ALREADY_EXISTS',
    ])
    expect(all.map(isRetriable)).toEqual([true, true, false, false, false, true, false])
    expect(isRetriable(new Error('x'))).toBe(false)
  })

  it('carry what the broker said', () => {
    expect(protocolError(0, { about: 'x' })).toBeUndefined()
    const error = protocolError(36, { about: 'creating topic a', detail: 'it is there' })
    expect(error).toMatchObject({ error: 'TOPIC_ALREADY_EXISTS', errorCode: 36, retriable: false })
    expect(error?.message).toBe('creating topic a: TOPIC_ALREADY_EXISTS (it is there)')
    expect(protocolError(12_345, { about: 'x' })?.code).toBe('UNKNOWN_SERVER_ERROR')
    expect(asError('text').message).toBe('text')
  })
})
