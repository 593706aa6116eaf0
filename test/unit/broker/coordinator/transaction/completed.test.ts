import { describe, expect, it } from 'vitest'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

/** A transaction whose commit is decided, and what the producer goes by after it. */
function given() {
  const shard = new TransactionShard()
  const producer = shard.init()
  shard.add(producer, 'orders-0')
  const { error: _, ...next } = shard.end(producer, 'commit')
  return { shard, producer, next }
}

describe('a transaction whose markers are all written', () => {
  it('is completed as it was decided', () => {
    const { shard } = given()
    shard.writeMarkers()
    expect(shard.transaction()?.state).toBe('CompleteCommit')
    expect(shard.reloaded(shard.records).transactions.get(ID)).toEqual(shard.transaction())
  })

  it('is not completed by the markers of another epoch, producer or id', () => {
    const { shard, producer, next } = given()
    for (const other of [
      { transactionalId: ID, ...producer },
      { transactionalId: ID, ...next, producerId: 7 },
      { transactionalId: 'other', ...next },
    ])
      shard.fire({ type: 'markers-written', ...other })
    expect(shard.transaction()?.state).toBe('PrepareCommit')
  })

  it('lets those go on who waited, in the order in which they came', () => {
    const { shard, next } = given()
    const added = shard.askToAdd(next, ['orders-1'])
    const more = shard.askToAdd(next, ['other-0'])
    expect([added.isAnswered(), more.isAnswered()]).toEqual([false, false])
    shard.writeMarkers()
    expect([added.response(), more.response()]).toEqual(['NONE', 'NONE'])
    expect([...(shard.transaction()?.partitions ?? [])]).toEqual([
      ['orders', [1]],
      ['other', [0]],
    ])
    expect(shard.state.waiting.size).toBe(0)
    expect([...shard.timers.keys()].filter(key => key.includes('/wait/'))).toEqual([])
  })

  it('keeps those waiting behind one that has it aborted again', () => {
    const { shard, next } = given()
    const added = shard.askToAdd(next, ['orders-1'])
    const successor = shard.askToInit()
    const late = shard.askToAdd(next, ['other-0'])
    shard.writeMarkers()
    expect(added.response()).toBe('NONE')
    expect([successor.isAnswered(), late.isAnswered()]).toEqual([false, false])
    expect(shard.transaction()?.state).toBe('PrepareAbort')
    shard.writeMarkers()
    expect(successor.response()).toMatchObject({ error: 'NONE', producerEpoch: 3 })
    expect(late.response()).toBe('PRODUCER_FENCED')
  })
})
