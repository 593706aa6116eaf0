import { describe, expect, it } from 'vitest'
import {
  listTransactions,
  type TransactionFilter,
} from '../../../../../packages/broker/src/coordinator/transaction/list-transactions.ts'
import { TransactionShard } from '../../../../support/transaction-shard.ts'

const ALL: TransactionFilter = {
  states: undefined,
  producerIds: [],
  durationMs: undefined,
  pattern: undefined,
}

/** `idle` has producer id 1000; `early` 1001 and `late` 1002 have open transactions, which began 5 and 2 seconds ago. */
function given() {
  const shard = new TransactionShard()
  shard.init({ transactionalId: 'idle' })
  const early = shard.init({ transactionalId: 'early' })
  shard.askToAdd(early, ['orders-0'], 'early')
  shard.advance(3000)
  shard.askToAdd(shard.init({ transactionalId: 'late' }), ['orders-0'], 'late')
  shard.advance(2000)
  return (filter: Partial<TransactionFilter>) =>
    listTransactions(shard.state, { ...ALL, ...filter }, shard.moment).map(
      ({ transactionalId }) => transactionalId,
    )
}

describe('listTransactions', () => {
  it('lists all that a shard has', () => {
    expect(given()({})).toEqual(['idle', 'early', 'late'])
  })

  it('lets those pass that are in one of the states and have one of the producer ids', () => {
    const list = given()
    expect(list({ states: new Set(['Ongoing']) })).toEqual(['early', 'late'])
    expect(list({ states: new Set() })).toEqual([])
    expect(list({ producerIds: [1000, 1002] })).toEqual(['idle', 'late'])
    expect(list({ states: new Set(['Empty']), producerIds: [1002] })).toEqual([])
  })

  it('lets those pass that began longer ago than that', () => {
    const list = given()
    const since = (durationMs: number) => list({ durationMs, states: new Set(['Ongoing']) })
    expect([since(1999), since(2000), since(5000)]).toEqual([['early', 'late'], ['early'], []])
  })

  it('lets those pass whose id matches', () => {
    const pattern = { matches: (id: string) => id.endsWith('e') }
    expect(given()({ pattern })).toEqual(['idle', 'late'])
  })
})
