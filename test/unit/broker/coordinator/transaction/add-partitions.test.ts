import { describe, expect, it } from 'vitest'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

const begun = () => {
  const shard = new TransactionShard()
  return { shard, producer: shard.init() }
}

describe('addPartitions', () => {
  it('begins a transaction with the first partition, and adds each once', () => {
    const { shard, producer } = begun()
    shard.advance(5_000)
    const startedMs = shard.nowMs
    expect(shard.add(producer, 'orders-1', 'other-0')).toBe('NONE')
    shard.advance(1_000)
    expect(shard.add(producer, 'orders-1', 'orders-0')).toBe('NONE')
    expect(shard.transaction()).toMatchObject({
      state: 'Ongoing',
      startedMs,
      updatedMs: shard.nowMs,
      partitions: new Map([
        ['orders', [1, 0]],
        ['other', [0]],
      ]),
    })
  })

  it('writes nothing for partitions that are in the transaction', () => {
    const { shard, producer } = begun()
    shard.add(producer, 'orders-0', 'orders-1')
    const written = shard.records.length
    expect(shard.add(producer, 'orders-1')).toBe('NONE')
    expect(shard.records.length).toBe(written)
  })

  it('refuses strangers', () => {
    const { shard, producer } = begun()
    expect(shard.askToAdd(producer, ['orders-0'], 'other').response()).toBe(
      'INVALID_PRODUCER_ID_MAPPING',
    )
    expect(shard.add({ ...producer, producerId: 7 }, 'orders-0')).toBe(
      'INVALID_PRODUCER_ID_MAPPING',
    )
    for (const producerEpoch of [-1, 1])
      expect(shard.add({ ...producer, producerEpoch }, 'orders-0')).toBe('PRODUCER_FENCED')
  })

  it('takes no more partitions than the record of its end can name', () => {
    const shard = new TransactionShard({ maxRecordBytes: 2_000 })
    const producer = shard.init()
    const places = (count: number) => Array.from({ length: count }, (_, index) => `orders-${index}`)
    expect(shard.add(producer, ...places(2_000))).toBe('UNKNOWN_SERVER_ERROR')
    expect(shard.transaction()?.state).toBe('Empty')
    expect(shard.add(producer, ...places(400))).toBe('NONE')
    expect(shard.add(producer, ...places(500))).toBe('UNKNOWN_SERVER_ERROR')
    expect(shard.end(producer, 'commit').error).toBe('NONE')
    for (const { key, value } of shard.records)
      expect(key.length + (value?.length ?? 0)).toBeLessThan(2_000)
  })

  it('waits for the transaction before it to be completed, in order', () => {
    const { shard, producer } = begun()
    shard.add(producer, 'orders-0')
    const { error: _, ...next } = shard.end(producer, 'commit')
    const first = shard.askToAdd(next, ['orders-1'])
    const second = shard.askToAdd(next, ['orders-2'])
    expect(shard.add(producer, 'orders-0')).toBe('PRODUCER_FENCED')
    shard.writeMarkers()
    expect([first.response(), second.response()]).toEqual(['NONE', 'NONE'])
    expect(shard.transaction()?.partitions).toEqual(new Map([['orders', [1, 2]]]))
    expect(shard.timers.size).toBe(2)
  })

  it('is told to come again when the markers cannot be written for long', () => {
    const { shard, producer } = begun()
    shard.add(producer, 'orders-0')
    const { error: _, ...next } = shard.end(producer, 'commit')
    const asked = shard.askToAdd(next, ['orders-1'])
    shard.advance(1_000)
    expect(asked.response()).toBe('CONCURRENT_TRANSACTIONS')
    shard.writeMarkers()
    expect(shard.transaction()?.state).toBe('CompleteCommit')
  })

  it('lets no more than a hundred wait', () => {
    const { shard, producer } = begun()
    shard.add(producer, 'orders-0')
    const { error: _, ...next } = shard.end(producer, 'commit')
    const asked = Array.from({ length: 101 }, () => shard.askToAdd(next, ['orders-1']))
    expect(asked.filter(one => one.isAnswered()).map(one => one.response())).toEqual([
      'CONCURRENT_TRANSACTIONS',
    ])
    shard.writeMarkers()
    expect(new Set(asked.slice(0, 100).map(one => one.response()))).toEqual(new Set(['NONE']))
  })

  it('waits again when somebody before it has the transaction ended once more', () => {
    const { shard, producer } = begun()
    shard.add(producer, 'orders-0')
    const { error: _, ...next } = shard.end(producer, 'commit')
    const first = shard.askToAdd(next, ['orders-1'])
    const successor = shard.askToInit()
    const last = shard.askToAdd(next, ['orders-2'])
    shard.writeMarkers()
    expect(first.response()).toBe('NONE')
    expect([successor.isAnswered(), last.isAnswered()]).toEqual([false, false])
    expect(shard.transaction()).toMatchObject({ state: 'PrepareAbort', producerEpoch: 2 })
    shard.writeMarkers()
    expect(successor.response()).toMatchObject({ error: 'NONE', producerEpoch: 3 })
    expect(last.response()).toBe('PRODUCER_FENCED')
  })
})

describe('verifyPartitions', () => {
  it('T7: says of each partition whether it is in the open transaction', () => {
    const { shard, producer } = begun()
    expect(shard.verify(producer, 'orders-0')).toEqual(['TRANSACTION_ABORTABLE'])
    shard.add(producer, 'orders-0')
    const written = shard.records.length
    expect(shard.verify(producer, 'orders-1', 'orders-0', 'other-0')).toEqual([
      'TRANSACTION_ABORTABLE',
      'NONE',
      'TRANSACTION_ABORTABLE',
    ])
    expect(shard.records.length).toBe(written)
  })

  it('says no once the end is decided, and for who is not the producer', () => {
    const { shard, producer } = begun()
    shard.add(producer, 'orders-0')
    expect(shard.verify({ ...producer, producerId: 7 }, 'orders-0')).toEqual([
      'INVALID_PRODUCER_ID_MAPPING',
    ])
    const { error: _, ...next } = shard.end(producer, 'commit')
    expect(shard.verify(producer, 'orders-0')).toEqual(['PRODUCER_FENCED'])
    expect(shard.verify(next, 'orders-0')).toEqual(['CONCURRENT_TRANSACTIONS'])
    shard.writeMarkers()
    expect(shard.verify(next, 'orders-0')).toEqual(['TRANSACTION_ABORTABLE'])
    expect(shard.transaction(ID)?.state).toBe('CompleteCommit')
  })
})
