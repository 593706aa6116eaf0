import type { ErrorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
} from '../../../../packages/client/src/errors.ts'
import { reactionTo } from '../../../../packages/client/src/transaction/reaction.ts'

describe('reactionTo', () => {
  it.each<[ErrorName, ReturnType<typeof reactionTo>]>([
    ['CONCURRENT_TRANSACTIONS', 'retry'],
    ['COORDINATOR_LOAD_IN_PROGRESS', 'retry'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'retry'],
    ['NOT_COORDINATOR', 'find-coordinator'],
    ['COORDINATOR_NOT_AVAILABLE', 'find-coordinator'],
    ['PRODUCER_FENCED', 'fenced'],
    ['INVALID_PRODUCER_EPOCH', 'fenced'],
    ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'fatal'],
    ['INVALID_TRANSACTION_TIMEOUT', 'fatal'],
    ['TRANSACTION_ABORTABLE', 'abort'],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'abort'],
    ['TOPIC_AUTHORIZATION_FAILED', 'abort'],
    ['ILLEGAL_GENERATION', 'abort'],
  ])('to %s is %s', (error, reaction) => {
    expect(reactionTo(new ProtocolError(error, 'asking'))).toBe(reaction)
  })

  it('to a connection that ended is to look for the coordinator again', () => {
    expect(reactionTo(new ConnectionError('gone'))).toBe('find-coordinator')
    expect(reactionTo(new TimeoutError('too late'))).toBe('find-coordinator')
    expect(reactionTo(new ConfigError('wrong'))).toBe('abort')
  })
})
