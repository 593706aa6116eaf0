import { describe, expect, it } from 'vitest'
import { joined } from '../../../../../packages/broker/src/coordinator/transaction/waiting.ts'
import { ID, TransactionShard } from '../../../../support/transaction-shard.ts'

/** A transaction whose markers are on their way. */
function given() {
  const shard = new TransactionShard()
  const producer = shard.init()
  shard.add(producer, 'orders-0')
  const { error: _, ...next } = shard.end(producer, 'commit')
  return { shard, next }
}

describe('a request that comes while markers are written', () => {
  it('waits a tenth of a second, and is then to come again', () => {
    const { shard, next } = given()
    const producer = shard.askToInit()
    const partitions = shard.askToAdd(next, ['orders-0'])
    shard.advance(99)
    expect([producer.isAnswered(), partitions.isAnswered()]).toEqual([false, false])
    shard.advance(1)
    expect(producer.response()).toEqual({
      error: 'CONCURRENT_TRANSACTIONS',
      producerId: -1,
      producerEpoch: -1,
    })
    expect(partitions.response()).toBe('CONCURRENT_TRANSACTIONS')
    expect(shard.state.waiting.size).toBe(0)
  })

  it('has its own time', () => {
    const { shard, next } = given()
    const first = shard.askToAdd(next, ['orders-0'])
    shard.advance(60)
    const second = shard.askToAdd(next, ['orders-1'])
    shard.advance(40)
    expect([first.response(), second.isAnswered()]).toEqual(['CONCURRENT_TRANSACTIONS', false])
    shard.writeMarkers()
    expect(second.response()).toBe('NONE')
  })

  it('is to come again at once when a hundred of its id wait; those of other ids do not count', () => {
    const { shard, next } = given()
    for (let index = 0; index < 100; index++) shard.askToAdd(next, ['orders-0'])
    expect(shard.add(next, 'orders-0')).toBe('CONCURRENT_TRANSACTIONS')
    expect(shard.state.waiting.get(ID)).toHaveLength(100)
    const transactionalId = 'other'
    const other = shard.init({ transactionalId })
    const { error: _, ...after } = shard.end(other, 'abort', { transactionalId })
    expect(shard.askToAdd(after, ['orders-0'], transactionalId).isAnswered()).toBe(false)
  })

  it('has had its answer when its time is over', () => {
    const { shard, next } = given()
    const asked = shard.askToAdd(next, ['orders-0'])
    const [ticket] = (shard.state.waiting.get(ID) ?? []).map(({ request }) => request.ticket.number)
    shard.writeMarkers()
    expect(asked.response()).toBe('NONE')
    shard.fire({ type: 'wait-expired', transactionalId: ID, ticket: ticket ?? 0 })
    shard.advance(100)
    expect(shard.transaction()?.state).toBe('Ongoing')
  })
})

it('decisions joined do what each of them does, in their order', () => {
  const [one, two] = [{ cancel: 'one' }, { cancel: 'two' }]
  const forgotten = { type: 'forgotten', transactionalId: ID } as const
  expect(joined({ timers: [one] }, {}, { timers: [two], changes: [forgotten] })).toEqual({
    ...{ changes: [forgotten], answers: [], timers: [one, two], work: [], errands: [] },
  })
})
