import { describe, expect, it } from 'vitest'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

const refused = (error: string) => ({ error, producerId: -1, producerEpoch: -1 })
const given = (producerId: number, producerEpoch: number) => ({
  error: 'NONE',
  producerId,
  producerEpoch,
})

const ongoing = (rules = {}) => {
  const shard = new TransactionShard(rules)
  const producer = shard.init()
  shard.add(producer, 'orders-0', 'orders-1', 'other-0')
  return { shard, producer }
}

describe('endTransaction of transactions v2', () => {
  it('decides, gives the next epoch, and sends markers with that epoch to all partitions', () => {
    const { shard, producer } = ongoing()
    expect(shard.end(producer, 'commit')).toEqual(given(1000, 1))
    expect(shard.transaction()).toMatchObject({ state: 'PrepareCommit', producerEpoch: 1 })
    expect(shard.errands).toEqual([
      {
        transactionalId: ID,
        producerId: 1000,
        producerEpoch: 1,
        result: 'commit',
        transactionVersion: 2,
        partitions: new Map([
          ['orders', [0, 1]],
          ['other', [0]],
        ]),
      },
    ])
    shard.writeMarkers()
    expect(shard.transaction()).toMatchObject({
      state: 'CompleteCommit',
      producerEpoch: 1,
      partitions: new Map(),
    })
  })

  it('knows a retry by its epoch, whatever has become of the transaction', () => {
    for (const [result, other] of [
      ['commit', 'abort'],
      ['abort', 'commit'],
    ] as const) {
      const { shard, producer } = ongoing()
      const first = shard.end(producer, result)
      expect(shard.end(producer, result)).toEqual(refused('CONCURRENT_TRANSACTIONS'))
      expect(shard.end(producer, other)).toEqual(refused('INVALID_TXN_STATE'))
      shard.writeMarkers()
      expect(shard.end(producer, result)).toEqual(first)
      expect(shard.end(producer, other)).toEqual(refused('INVALID_TXN_STATE'))
      expect(shard.errands).toEqual([])
    }
  })

  it('T6: does not let a delayed copy end the next transaction (KAFKA-17754)', () => {
    const { shard, producer } = ongoing()
    const next = shard.commitOne(producer)
    shard.add(next, 'orders-0')
    for (const result of ['commit', 'abort'] as const)
      expect(shard.end(producer, result)).toEqual(refused('PRODUCER_FENCED'))
    expect(shard.transaction()?.state).toBe('Ongoing')
  })

  it('has the next transaction wait with its end while this one is being completed', () => {
    const { shard, producer } = ongoing()
    const { error: _, ...next } = shard.end(producer, 'commit')
    for (const result of ['commit', 'abort'] as const)
      expect(shard.end(next, result)).toEqual(refused('CONCURRENT_TRANSACTIONS'))
    shard.writeMarkers()
    expect(shard.end(next, 'commit')).toEqual(refused('INVALID_TXN_STATE'))
    expect(shard.end(next, 'abort')).toEqual(given(1000, 2))
  })

  it('aborts where nothing was begun, for the epoch; and commits nothing there', () => {
    const shard = new TransactionShard()
    const producer = shard.init()
    expect(shard.end(producer, 'commit')).toEqual(refused('INVALID_TXN_STATE'))
    expect(shard.end(producer, 'abort')).toEqual(given(1000, 1))
    expect(shard.errands[0]?.partitions.size).toBe(0)
    expect(shard.transaction()?.startedMs).toBe(shard.nowMs)
    shard.writeMarkers()
    const second = { producerId: 1000, producerEpoch: 1 }
    expect(shard.end(second, 'commit')).toEqual(refused('INVALID_TXN_STATE'))
    expect(shard.end(second, 'abort')).toEqual(given(1000, 2))
    shard.writeMarkers()
    const third = shard.commitOne({ producerId: 1000, producerEpoch: 2 })
    expect(shard.end(third, 'abort')).toEqual(given(1000, 4))
  })

  it('refuses strangers', () => {
    const { shard, producer } = ongoing()
    expect(shard.end(producer, 'commit', { transactionalId: 'other' })).toEqual(
      refused('INVALID_PRODUCER_ID_MAPPING'),
    )
    expect(shard.end({ ...producer, producerId: 7 }, 'commit')).toEqual(
      refused('INVALID_PRODUCER_ID_MAPPING'),
    )
    expect(shard.end({ ...producer, producerEpoch: 5 }, 'commit')).toEqual(
      refused('PRODUCER_FENCED'),
    )
  })

  it('lets a producer whose transaction has timed out abort it, and go on', () => {
    const { shard, producer } = ongoing()
    shard.advance(61_000)
    shard.writeMarkers()
    expect(shard.end(producer, 'commit')).toEqual(refused('INVALID_TXN_STATE'))
    expect(shard.end(producer, 'abort')).toEqual(given(1000, 1))
  })

  describe('T10: when the epochs are used up', () => {
    const exhausted = () => {
      const { shard, producer } = ongoing()
      const transaction = shard.transaction()
      if (transaction === undefined) throw new Error('a transaction is ongoing')
      shard.take({
        changes: [{ type: 'transaction', transaction: { ...transaction, producerEpoch: 32_766 } }],
      })
      return { shard, producer: { ...producer, producerEpoch: 32_766 } }
    }

    it('ends under the largest epoch, and goes on with a new producer id', () => {
      const { shard, producer } = exhausted()
      expect(shard.end(producer, 'commit')).toEqual(given(1001, 0))
      expect(shard.errands[0]).toMatchObject({ producerId: 1000, producerEpoch: 32_767 })
      const renewed = { producerId: 1001, producerEpoch: 0 }
      const waits = shard.askToAdd(renewed, ['orders-0'])
      expect(shard.end(renewed, 'abort')).toEqual(refused('CONCURRENT_TRANSACTIONS'))
      expect(shard.end(producer, 'commit')).toEqual(refused('CONCURRENT_TRANSACTIONS'))
      shard.writeMarkers()
      expect(waits.response()).toBe('NONE')
      expect(shard.transaction()).toMatchObject({ producerId: 1001, previousProducerId: 1000 })
    })

    it('has a producer wait that asks for an epoch with its new id before the old one is done with', () => {
      const { shard, producer } = exhausted()
      const { error: _, ...renewed } = shard.end(producer, 'commit')
      const waits = shard.askToInit({ current: renewed })
      shard.writeMarkers()
      expect(waits.response()).toEqual(given(1001, 1))
    })

    it('gives a retry the same new producer id', () => {
      const { shard, producer } = exhausted()
      const first = shard.end(producer, 'abort')
      shard.writeMarkers()
      expect(shard.end(producer, 'abort')).toEqual(first)
      expect(shard.end(producer, 'commit')).toEqual(refused('INVALID_TXN_STATE'))
    })

    it('gives a producer whose transaction has timed out a new producer id, and the same to its retry', () => {
      const { shard, producer } = exhausted()
      shard.advance(shard.transaction()?.timeoutMs ?? 0)
      // The timer knows the epoch that the transaction began with.
      shard.fire({
        type: 'timed-out',
        transactionalId: ID,
        ...producer,
        startedMs: shard.transaction()?.startedMs ?? 0,
      })
      shard.writeMarkers()
      expect(shard.transaction()).toMatchObject({ state: 'CompleteAbort', producerEpoch: 32_767 })
      expect(shard.end(producer, 'abort')).toEqual(given(1001, 0))
      expect(shard.end(producer, 'abort')).toEqual(given(1001, 0))
    })
  })
})

describe('endTransaction of transactions v1', () => {
  const v1 = { version: 0 } as const

  it('keeps the epoch', () => {
    const { shard, producer } = ongoing()
    expect(shard.end(producer, 'commit', v1)).toEqual(given(1000, 0))
    expect(shard.errands[0]).toMatchObject({ producerEpoch: 0, transactionVersion: 0 })
  })

  it('says of each state what Kafka says', () => {
    const { shard, producer } = ongoing()
    shard.end(producer, 'commit', v1)
    expect(shard.end(producer, 'commit', v1)).toEqual(refused('CONCURRENT_TRANSACTIONS'))
    expect(shard.end(producer, 'abort', v1)).toEqual(refused('INVALID_TXN_STATE'))
    shard.writeMarkers()
    expect(shard.end(producer, 'commit', v1)).toEqual(given(1000, 0))
    expect(shard.end(producer, 'abort', v1)).toEqual(refused('INVALID_TXN_STATE'))
    shard.add(producer, 'orders-0')
    shard.end(producer, 'abort', v1)
    expect(shard.end(producer, 'abort', v1)).toEqual(refused('CONCURRENT_TRANSACTIONS'))
    expect(shard.end(producer, 'commit', v1)).toEqual(refused('INVALID_TXN_STATE'))
    shard.writeMarkers()
    expect(shard.end(producer, 'abort', v1)).toEqual(given(1000, 0))
    expect(shard.end(producer, 'commit', v1)).toEqual(refused('INVALID_TXN_STATE'))
    const successor = shard.init()
    expect(shard.end(successor, 'abort', v1)).toEqual(refused('INVALID_TXN_STATE'))
    expect(shard.end(producer, 'commit', v1)).toEqual(refused('PRODUCER_FENCED'))
    expect(shard.end({ producerId: 7, producerEpoch: 0 }, 'commit', v1)).toEqual(
      refused('INVALID_PRODUCER_ID_MAPPING'),
    )
  })

  it('fences a producer whose transaction has timed out', () => {
    const { shard, producer } = ongoing({ transactionVersion: 1 })
    shard.advance(61_000)
    expect(shard.errands[0]).toMatchObject({ producerEpoch: 1, transactionVersion: 1 })
    shard.writeMarkers()
    expect(shard.end(producer, 'abort', v1)).toEqual(refused('PRODUCER_FENCED'))
    expect(shard.askToInit({ current: producer }).response()).toEqual(refused('PRODUCER_FENCED'))
  })

  it('is not forgotten for a late copy of the request with which its producer got the epoch (KIP-360)', () => {
    const { shard, producer } = ongoing()
    shard.end(producer, 'abort', v1)
    shard.writeMarkers()
    const asked = shard.askToInit({ current: producer }).response()
    expect(asked).toEqual(given(1000, 1))
    const next = { producerId: 1000, producerEpoch: 1 }
    shard.add(next, 'orders-0')
    shard.end(next, 'commit', v1)
    shard.writeMarkers()
    expect(shard.askToInit({ current: producer }).response()).toEqual(refused('PRODUCER_FENCED'))
    expect(shard.end(next, 'commit', v1)).toEqual(given(1000, 1))
  })
})
