import { describe, expect, it } from 'vitest'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

describe('the time of a transaction', () => {
  it('begins with its first partition; when it is over the transaction is aborted and its producer fenced', () => {
    const shard = new TransactionShard()
    const producer = shard.init({ timeoutMs: 10_000 })
    shard.advance(20_000)
    shard.add(producer, 'orders-0')
    shard.advance(9_000)
    shard.add(producer, 'orders-1')
    expect(shard.transaction()?.state).toBe('Ongoing')
    shard.advance(1_000)
    expect(shard.transaction()).toMatchObject({ state: 'PrepareAbort', producerEpoch: 1 })
    expect(shard.errands[0]).toMatchObject({ result: 'abort', producerEpoch: 1 })
    expect(shard.end(producer, 'commit').error).toBe('INVALID_TXN_STATE')
    expect(shard.add(producer, 'orders-0')).toBe('PRODUCER_FENCED')
  })

  it('is over with the transaction', () => {
    const shard = new TransactionShard()
    const next = shard.commitOne(shard.init({ timeoutMs: 10_000 }))
    shard.advance(5_000)
    shard.add(next, 'orders-0')
    shard.advance(9_000)
    expect(shard.transaction()?.state).toBe('Ongoing')
    shard.advance(1_000)
    expect(shard.transaction()?.state).toBe('PrepareAbort')
  })

  it('goes on across a restart, and is over at once for who is late', () => {
    const shard = new TransactionShard()
    shard.add(shard.init({ timeoutMs: 10_000 }), 'orders-0')
    shard.advance(6_000)
    shard.restart()
    shard.advance(3_999)
    expect(shard.transaction()?.state).toBe('Ongoing')
    shard.advance(1)
    expect(shard.transaction()?.state).toBe('PrepareAbort')
    shard.writeMarkers()
    shard.add(shard.init({ timeoutMs: 10_000 }), 'orders-0')
    shard.nowMs += 60_000
    shard.restart()
    shard.advance(0)
    expect(shard.transaction()?.state).toBe('PrepareAbort')
  })

  it('is never longer than it was, though the wall clock was set back', () => {
    const shard = new TransactionShard()
    shard.add(shard.init({ timeoutMs: 10_000 }), 'orders-0')
    shard.nowMs -= 3_600_000
    shard.restart()
    shard.advance(10_000)
    expect(shard.transaction()?.state).toBe('PrepareAbort')
  })

  it('means nothing to another transaction of the producer', () => {
    const shard = new TransactionShard({ transactionVersion: 1 })
    const producer = shard.init()
    shard.add(producer, 'orders-0')
    const startedMs = shard.nowMs
    shard.end(producer, 'commit', { version: 0 })
    shard.writeMarkers()
    shard.advance(5)
    shard.add(producer, 'orders-0')
    shard.fire({ type: 'timed-out', transactionalId: ID, ...producer, startedMs })
    expect(shard.transaction()?.state).toBe('Ongoing')
  })
})
