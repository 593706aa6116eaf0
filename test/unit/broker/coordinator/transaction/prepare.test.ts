import { describe, expect, it } from 'vitest'
import {
  completedTransaction,
  type Ending,
  markersOf,
  prepare,
  preparedTransaction,
  producerAfter,
} from '../../../../../packages/broker/src/coordinator/transaction/prepare.ts'
import type { Transaction } from '../../../../../packages/broker/src/coordinator/transaction/transaction.ts'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

const ENDING: Ending = { result: 'commit', version: 2, epoch: 'next', nextProducerId: -1 }

/** A transaction of producer 1000 under epoch 0, one second old, and what `ending` makes of it. */
function given() {
  const shard = new TransactionShard()
  shard.add(shard.init(), 'orders-0')
  shard.advance(1000)
  const ongoing = shard.transaction() as Transaction
  return {
    shard,
    ongoing,
    prepared: (ending: Partial<Ending> = {}, before: Partial<Transaction> = {}) =>
      preparedTransaction({ ...ongoing, ...before }, { ...ENDING, ...ending }, shard.moment),
  }
}

describe('the end of a transaction', () => {
  it('is decided under the epoch that was asked for, and never above the largest', () => {
    const { prepared } = given()
    expect(prepared()).toMatchObject({ state: 'PrepareCommit', producerEpoch: 1 })
    expect(prepared({ result: 'abort', epoch: 'same' })).toMatchObject({
      ...{ state: 'PrepareAbort', producerEpoch: 0 },
    })
    expect(prepared({}, { producerEpoch: 32_767 }).producerEpoch).toBe(32_767)
  })

  it('keeps the time when the transaction began; an abort of nothing begins now', () => {
    const { prepared, ongoing, shard } = given()
    expect(prepared()).toMatchObject({ startedMs: ongoing.startedMs, updatedMs: shard.nowMs })
    const nothing = prepared({ result: 'abort' }, { state: 'Empty', startedMs: -1 })
    expect(nothing.startedMs).toBe(shard.nowMs)
  })

  it('T5: is written down, then come its markers, and nothing is left to time out', () => {
    const { prepared, shard } = given()
    const aborted = prepared({ result: 'abort' })
    expect(shard.timers.has(`${ID}/timeout`)).toBe(true)
    shard.take(prepare(aborted))
    expect(shard.transaction()).toEqual(aborted)
    expect(shard.errands).toEqual([markersOf(aborted)])
    expect(markersOf(aborted)).toMatchObject({ result: 'abort', producerEpoch: 1 })
    expect(shard.timers.has(`${ID}/timeout`)).toBe(false)
  })

  it('is complete with the outcome that was decided, and leaves no partitions', () => {
    const { prepared, shard } = given()
    for (const [result, state] of [
      ['commit', 'CompleteCommit'],
      ['abort', 'CompleteAbort'],
    ] as const)
      expect(completedTransaction(prepared({ result }), shard.moment)).toMatchObject({
        ...{ state, partitions: new Map(), producerId: 1000, producerEpoch: 1 },
      })
  })

  it('T10: changes the producer id once it is complete, if it was to; the producer goes by it from the decision on', () => {
    const { prepared, shard, ongoing } = given()
    const last = prepared({ nextProducerId: 1001 }, { producerEpoch: 32_766 })
    expect(markersOf(last)).toMatchObject({ producerId: 1000, producerEpoch: 32_767 })
    expect(producerAfter(last)).toEqual({ producerId: 1001, producerEpoch: 0 })
    const completed = completedTransaction(last, shard.moment)
    const ids = { producerId: 1001, previousProducerId: 1000, nextProducerId: -1 }
    expect(completed).toMatchObject({ ...ids, producerEpoch: 0 })
    expect(producerAfter(completed)).toEqual({ producerId: 1001, producerEpoch: 0 })
    expect(producerAfter(ongoing)).toEqual({ producerId: 1000, producerEpoch: 0 })
  })
})
