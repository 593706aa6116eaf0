import type { ErrorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  FencedError,
  ProtocolError,
  TimeoutError,
  TransactionFailedError,
} from '../../../../packages/client/src/errors.ts'
import { isPassing } from '../../../../packages/client/src/transaction/passing-failure.ts'

const failedFor = (cause: Error) => new TransactionFailedError('failed', { cause })
const refusedWith = (error: ErrorName) => failedFor(new ProtocolError(error, 'writing'))

describe('isPassing', () => {
  it('is true of partitions that moved, epochs that were lost and time that was over', () => {
    const passing = [
      refusedWith('ILLEGAL_GENERATION'),
      refusedWith('TRANSACTION_ABORTABLE'),
      refusedWith('NOT_LEADER_OR_FOLLOWER'),
      failedFor(new TimeoutError('too late')),
      failedFor(new FencedError('t-0 does not belong to this consumer any more')),
    ]
    expect(passing.map(isPassing)).toEqual(passing.map(() => true))
  })

  it('is false of what the same records would meet again', () => {
    const lasting = [
      refusedWith('MESSAGE_TOO_LARGE'),
      refusedWith('TOPIC_AUTHORIZATION_FAILED'),
      refusedWith('FENCED_INSTANCE_ID'),
      failedFor(new ConfigError('value is undefined')),
    ]
    expect(lasting.map(isPassing)).toEqual(lasting.map(() => false))
  })
})
