import { describe, expect, it } from 'vitest'
import { TransactionShard } from '../../../../support/transaction-shard.ts'

describe('transactionLogic', () => {
  it('finds in the log what was there when it was written, at every prefix', () => {
    const shard = new TransactionShard()
    const seen: { readonly records: number; readonly transactions: unknown }[] = []
    const look = () =>
      seen.push({
        records: shard.records.length,
        transactions: structuredClone(shard.state.transactions),
      })
    const producer = shard.init()
    look()
    shard.add(producer, 'orders-0')
    look()
    const { error: _, ...next } = shard.end(producer, 'commit')
    look()
    shard.askToAdd(next, ['other-0'])
    shard.writeMarkers()
    look()
    shard.advance(61_000)
    look()
    shard.askToInit()
    shard.writeMarkers()
    look()
    for (const { records, transactions } of seen)
      expect(shard.reloaded(shard.records.slice(0, records)).transactions).toEqual(transactions)
  })

  it('T5: completes after a restart what was decided before, with the same markers', () => {
    const shard = new TransactionShard()
    const producer = shard.init()
    shard.add(producer, 'orders-0')
    shard.end(producer, 'commit')
    const [errand] = shard.errands
    shard.restart()
    expect(shard.errands).toEqual([errand])
    shard.writeMarkers()
    expect(shard.transaction()?.state).toBe('CompleteCommit')
  })

  it('decides nothing when the markers of a transaction are written once more', () => {
    const shard = new TransactionShard()
    const producer = shard.init()
    shard.add(producer, 'orders-0')
    const { error: _, ...next } = shard.end(producer, 'commit')
    const [errand] = shard.errands
    shard.writeMarkers()
    shard.add(next, 'orders-0')
    shard.end(next, 'abort')
    const written = shard.records.length
    if (errand === undefined) throw new Error('there are markers')
    const { transactionalId, producerId, producerEpoch } = errand
    shard.fire({ type: 'markers-written', transactionalId, producerId, producerEpoch })
    expect([shard.records.length, shard.transaction()?.state]).toEqual([written, 'PrepareAbort'])
  })
})
