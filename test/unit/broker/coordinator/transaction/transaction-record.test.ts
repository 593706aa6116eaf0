import { transactionRecordCodec, WireError } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { Transaction } from '../../../../../packages/broker/src/coordinator/transaction/transaction.ts'
import {
  readTransaction,
  transactionRecord,
  transactionTombstone,
} from '../../../../../packages/broker/src/coordinator/transaction/transaction-record.ts'

const TRANSACTION: Transaction = {
  transactionalId: 'payments',
  producerId: 5,
  previousProducerId: 4,
  nextProducerId: 6,
  producerEpoch: 7,
  timeoutMs: 60_000,
  state: 'PrepareCommit',
  partitions: new Map([
    ['orders', [0, 2]],
    ['other', [1]],
  ]),
  updatedMs: 1_700_000_000_001,
  startedMs: 1_700_000_000_000,
  clientVersion: 2,
}

const withStatus = (transactionStatus: number) => {
  const { key, value } = transactionRecordCodec.decode(
    ...(Object.values(transactionRecord(TRANSACTION)) as [Uint8Array, Uint8Array]),
  ) as { key: { transactionalId: string }; value: object }
  return transactionRecordCodec.encode({
    type: 'TransactionLog',
    key,
    value: { ...value, transactionStatus } as never,
  })
}

describe('a transactional id in the log', () => {
  it('is read back as it was written', () => {
    for (const transaction of [
      TRANSACTION,
      { ...TRANSACTION, state: 'CompleteAbort', partitions: new Map(), nextProducerId: -1 },
      { ...TRANSACTION, state: 'Empty', partitions: new Map(), startedMs: -1, clientVersion: 0 },
    ] satisfies Transaction[]) {
      expect(readTransaction(transactionRecord(transaction))).toEqual({
        type: 'transaction',
        transaction,
      })
    }
  })

  it('is forgotten by its tombstone, and in the state Dead, which Kafka has for that', () => {
    const forgotten = { type: 'forgotten', transactionalId: 'payments' }
    expect(readTransaction(transactionTombstone('payments'))).toEqual(forgotten)
    expect(readTransaction(withStatus(6))).toEqual(forgotten)
  })

  it('cannot be read in a state that nobody writes', () => {
    expect(() => readTransaction(withStatus(7))).toThrow(WireError)
  })

  it('is passed over when it is of another kind', () => {
    expect(readTransaction({ key: Buffer.from([0, 9, 0]), value: null })).toBeUndefined()
  })
})
