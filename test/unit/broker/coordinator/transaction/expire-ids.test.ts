import { describe, expect, it } from 'vitest'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

const RULES = { idExpirationMs: 10_000, idExpirationCheckIntervalMs: 1_000 }

describe('expireIds', () => {
  it('forgets ids that nobody has used for long, in all states without a transaction', () => {
    const shard = new TransactionShard(RULES)
    shard.init({ transactionalId: 'empty' })
    shard.commitOne(shard.init())
    shard.advance(9_000)
    expect(shard.state.transactions.size).toBe(2)
    shard.advance(1_000)
    expect(shard.state.transactions.size).toBe(0)
    expect(shard.reloaded(shard.records).transactions.size).toBe(0)
    expect(shard.state.lastEpochs.size).toBe(0)
  })

  it('leaves transactions alone that are not over', () => {
    const shard = new TransactionShard(RULES)
    shard.add(shard.init(), 'orders-0')
    shard.advance(20_000)
    expect(shard.transaction()?.state).toBe('Ongoing')
    shard.advance(41_000)
    expect(shard.transaction()?.state).toBe('PrepareAbort')
    shard.advance(20_000)
    expect(shard.transaction()?.state).toBe('PrepareAbort')
    shard.writeMarkers()
    shard.advance(10_000)
    expect(shard.transaction()).toBeUndefined()
  })

  it('counts from the last use', () => {
    const shard = new TransactionShard(RULES)
    shard.init()
    shard.advance(8_000)
    shard.init()
    shard.advance(8_000)
    expect(shard.transaction(ID)).toBeDefined()
  })

  it('takes away at most a thousand in one go', () => {
    const shard = new TransactionShard(RULES)
    for (let index = 0; index < 2_500; index++) shard.init({ transactionalId: `id-${index}` })
    const written = shard.records.length
    shard.nowMs += 20_000
    shard.fire({ type: 'ids-expire', left: undefined })
    expect(shard.records.length - written).toBe(1_000)
    shard.advance(0)
    expect(shard.state.transactions.size).toBe(0)
  })
})
