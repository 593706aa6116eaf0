import { type ErrorName, errors } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  ConnectionError,
  ProtocolError,
  TimeoutError,
} from '../../../../packages/client/src/errors.ts'
import { isUnknownTopic, reactionTo } from '../../../../packages/client/src/group/reaction.ts'

const to = (name: ErrorName) => reactionTo(new ProtocolError(name, 'asking'))

describe('reactionTo', () => {
  it.each([
    ['COORDINATOR_LOAD_IN_PROGRESS', 'retry'],
    ['NOT_COORDINATOR', 'find-coordinator'],
    ['COORDINATOR_NOT_AVAILABLE', 'find-coordinator'],
    ['REBALANCE_IN_PROGRESS', 'rejoin'],
    ['ILLEGAL_GENERATION', 'rejoin-lost'],
    ['FENCED_MEMBER_EPOCH', 'rejoin-lost'],
    ['UNKNOWN_MEMBER_ID', 'rejoin-new'],
    ['FENCED_INSTANCE_ID', 'give-up'],
    ['GROUP_MAX_SIZE_REACHED', 'give-up'],
    ['UNSUPPORTED_VERSION', 'give-up'],
  ] as const)('answers %s with %s', (name, reaction) => {
    expect(to(name)).toBe(reaction)
  })

  it('looks for the coordinator anew when the connection failed', () => {
    expect(reactionTo(new ConnectionError('gone'))).toBe('find-coordinator')
    expect(reactionTo(new TimeoutError('late'))).toBe('find-coordinator')
    expect(reactionTo(new TypeError('a bug'))).toBe('give-up')
  })

  it('knows what says that there is no such topic', () => {
    const names = ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'NOT_COORDINATOR'] as const
    expect(names.map(name => isUnknownTopic(new ProtocolError(name, 'asking')))).toEqual([
      true,
      true,
      false,
    ])
    expect(isUnknownTopic(new TypeError('a bug'))).toBe(false)
  })

  it('gives up for no error that retrying may cure', () => {
    const names = Object.keys(errors) as ErrorName[]
    for (const name of names.filter(one => errors[one].retriable && one !== 'NONE'))
      expect(to(name), name).not.toBe('give-up')
  })
})
