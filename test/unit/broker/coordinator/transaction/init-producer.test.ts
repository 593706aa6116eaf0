import { describe, expect, it } from 'vitest'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

const refused = (error: string) => ({ error, producerId: -1, producerEpoch: -1 })

describe('initProducer', () => {
  it('gives a new transactional id a fresh producer id with epoch 0', () => {
    const shard = new TransactionShard()
    expect(shard.init()).toEqual({ producerId: 1000, producerEpoch: 0 })
    expect(shard.transaction()).toEqual({
      transactionalId: ID,
      producerId: 1000,
      previousProducerId: -1,
      nextProducerId: -1,
      producerEpoch: 0,
      timeoutMs: 60_000,
      state: 'Empty',
      partitions: new Map(),
      updatedMs: shard.nowMs,
      startedMs: -1,
      clientVersion: 0,
    })
  })

  it('gives a successor the next epoch, and takes its timeout', () => {
    const shard = new TransactionShard()
    shard.init()
    expect(shard.init({ timeoutMs: 1_000 })).toEqual({ producerId: 1000, producerEpoch: 1 })
    expect(shard.transaction()?.timeoutMs).toBe(1_000)
  })

  it('takes no time that is none or longer than the broker allows', () => {
    const shard = new TransactionShard({ maxTimeoutMs: 900_000 })
    for (const timeoutMs of [0, -1, 900_001])
      expect(shard.askToInit({ timeoutMs }).response()).toEqual(
        refused('INVALID_TRANSACTION_TIMEOUT'),
      )
    expect(shard.transaction()).toBeUndefined()
    expect(shard.init({ timeoutMs: 900_000 }).producerEpoch).toBe(0)
  })

  it('T6: aborts the open transaction of who had the epoch before, under an epoch of nobody', () => {
    const shard = new TransactionShard()
    const zombie = shard.init()
    shard.add(zombie, 'orders-0')
    const asked = shard.askToInit()
    expect(asked.isAnswered()).toBe(false)
    expect(shard.errands).toEqual([
      {
        transactionalId: ID,
        producerId: 1000,
        producerEpoch: 1,
        result: 'abort',
        transactionVersion: 2,
        partitions: new Map([['orders', [0]]]),
      },
    ])
    shard.writeMarkers()
    expect(asked.response()).toEqual({ error: 'NONE', producerId: 1000, producerEpoch: 2 })
    expect(shard.add(zombie, 'orders-0')).toBe('PRODUCER_FENCED')
    expect(shard.end(zombie, 'commit')).toEqual(refused('PRODUCER_FENCED'))
    expect(shard.end(zombie, 'commit', { version: 0 })).toEqual(refused('PRODUCER_FENCED'))
    expect(shard.askToInit({ current: zombie }).response()).toEqual(refused('PRODUCER_FENCED'))
  })

  it('waits for a transaction that is being completed, and tells who waits too long to come again', () => {
    const shard = new TransactionShard()
    const producer = shard.init()
    shard.add(producer, 'orders-0')
    shard.end(producer, 'commit')
    const late = shard.askToInit()
    shard.advance(1_000)
    expect(late.response()).toEqual(refused('CONCURRENT_TRANSACTIONS'))
    const asked = shard.askToInit()
    shard.writeMarkers()
    expect(asked.response()).toEqual({ error: 'NONE', producerId: 1000, producerEpoch: 2 })
  })

  describe('for a producer that says what it goes by (KIP-360)', () => {
    it('gives the next epoch', () => {
      const shard = new TransactionShard()
      const current = shard.init()
      expect(shard.init({ current })).toEqual({ producerId: 1000, producerEpoch: 1 })
    })

    it('gives the same epoch to a retry, as long as nobody else asks', () => {
      const shard = new TransactionShard()
      const current = shard.init()
      const first = shard.init({ current })
      expect(shard.init({ current })).toEqual(first)
      shard.init()
      expect(shard.askToInit({ current }).response()).toEqual(refused('PRODUCER_FENCED'))
    })

    it('takes a retry for a stray copy once the producer has begun with what it got', () => {
      const shard = new TransactionShard()
      const current = shard.init()
      const next = shard.init({ current })
      shard.add(next, 'orders-0')
      expect(shard.askToInit({ current }).response()).toEqual(refused('PRODUCER_FENCED'))
      expect(shard.transaction()?.state).toBe('Ongoing')
    })

    it('gives a producer id that is not known a new one', () => {
      const shard = new TransactionShard()
      const current = { producerId: 5, producerEpoch: 3 }
      expect(shard.init({ current })).toEqual({ producerId: 1000, producerEpoch: 0 })
    })

    it('refuses the id of somebody else', () => {
      const shard = new TransactionShard()
      shard.init()
      const current = { producerId: 5, producerEpoch: 0 }
      expect(shard.askToInit({ current }).response()).toEqual(refused('PRODUCER_FENCED'))
    })

    it('aborts the producer’s own open transaction, and lets it go on', () => {
      const shard = new TransactionShard()
      const current = shard.init()
      shard.add(current, 'orders-0')
      const asked = shard.askToInit({ current })
      shard.writeMarkers()
      expect(asked.response()).toEqual({ error: 'NONE', producerId: 1000, producerEpoch: 1 })
    })
  })

  describe('T10: when the epochs are used up', () => {
    const exhausted = () => {
      const shard = new TransactionShard()
      const producer = shard.init()
      const transaction = shard.transaction()
      if (transaction === undefined) throw new Error('the producer was given')
      shard.take({
        changes: [{ type: 'transaction', transaction: { ...transaction, producerEpoch: 32_766 } }],
      })
      return { shard, producer: { ...producer, producerEpoch: 32_766 } }
    }

    it('goes on with a new producer id', () => {
      const { shard } = exhausted()
      expect(shard.init()).toEqual({ producerId: 1001, producerEpoch: 0 })
      expect(shard.transaction()?.previousProducerId).toBe(1000)
    })

    it('gives a retry the same new producer id', () => {
      const { shard, producer } = exhausted()
      const renewed = shard.init({ current: producer })
      expect(renewed).toEqual({ producerId: 1001, producerEpoch: 0 })
      expect(shard.init({ current: producer })).toEqual(renewed)
      shard.init()
      expect(shard.askToInit({ current: producer }).response()).toEqual(refused('PRODUCER_FENCED'))
    })

    it('keeps the largest epoch for the abort of an open transaction, and gives it to nobody', () => {
      const { shard, producer } = exhausted()
      shard.add(producer, 'orders-0')
      const asked = shard.askToInit()
      expect(shard.errands[0]?.producerEpoch).toBe(32_767)
      shard.writeMarkers()
      expect(asked.response()).toBe('needs producer id')
      expect(shard.init()).toEqual({ producerId: 1001, producerEpoch: 0 })
    })

    it('gives the owner of the aborted transaction a new producer id too', () => {
      const { shard, producer } = exhausted()
      shard.add(producer, 'orders-0')
      shard.askToInit({ current: producer })
      shard.writeMarkers()
      expect(shard.init({ current: producer })).toEqual({ producerId: 1001, producerEpoch: 0 })
    })
  })
})
