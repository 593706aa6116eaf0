import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { listTransactions } from '../../../../packages/broker/src/handlers/list-transactions.ts'
import { refusingTransactions } from '../../../support/pure-transactions.ts'
import { transactionHandlers } from '../../../support/transaction-handlers.ts'

async function given() {
  const { ask, ...handlers } = await transactionHandlers()
  const { shard } = handlers
  shard.init({ transactionalId: 'a' })
  shard.init({ transactionalId: 'b' })
  const list = async (words: object = {}) => {
    const answer = await ask(listTransactions, 2, {
      ...{ stateFilters: [], producerIdFilters: [] },
      ...words,
    }).answered
    const { errorCode, unknownStateFilters: unknown, transactionStates } = answer
    const ids = transactionStates.map(({ transactionalId }) => transactionalId)
    return { error: errorName(errorCode), unknown, ids, transactionStates }
  }
  return { ...handlers, list }
}

describe('ListTransactions', () => {
  it('lists ids with their producer and state', async () => {
    const { list } = await given()
    expect((await list()).transactionStates).toEqual([
      { transactionalId: 'a', producerId: 1000, transactionState: 'Empty' },
      { transactionalId: 'b', producerId: 1001, transactionState: 'Empty' },
    ])
  })

  it('lists what passes all filters', async () => {
    const { shard, list } = await given()
    shard.askToAdd({ producerId: 1001, producerEpoch: 0 }, ['orders-0'], 'b')
    shard.advance(1_000)
    expect((await list({ stateFilters: ['Ongoing'] })).ids).toEqual(['b'])
    expect((await list({ stateFilters: ['Ongoing', 'Empty'] })).ids).toEqual(['a', 'b'])
    expect((await list({ producerIdFilters: [1000, 7] })).ids).toEqual(['a'])
    expect((await list({ transactionalIdPattern: '[ac]' })).ids).toEqual(['a'])
    expect((await list({ transactionalIdPattern: '' })).ids).toEqual(['a', 'b'])
    const running = { stateFilters: ['Ongoing'] }
    expect((await list({ ...running, durationFilter: 999 })).ids).toEqual(['b'])
    expect((await list({ ...running, durationFilter: 1_000 })).ids).toEqual([])
  })

  it('names the states that there are not, and lists nothing for them', async () => {
    const { list } = await given()
    expect(await list({ stateFilters: ['Bogus'] })).toMatchObject({ unknown: ['Bogus'], ids: [] })
    expect(await list({ stateFilters: ['Dead', 'PrepareEpochFence'] })).toMatchObject({
      ...{ error: 'NONE', unknown: [], ids: [] },
    })
  })

  it('refuses a regular expression that is none', async () => {
    const { list } = await given()
    expect(await list({ transactionalIdPattern: '(' })).toMatchObject({
      ...{ error: 'INVALID_REGULAR_EXPRESSION', ids: [] },
    })
  })

  it('lists only what the asker may describe', async () => {
    const { list, forbid } = await given()
    forbid(permission => permission === 'Describe TransactionalId a')
    expect((await list()).ids).toEqual(['b'])
  })

  it('lists nothing while some are being loaded: half a list would look whole', async () => {
    const { list, broker } = await given()
    Object.assign(broker, { transactions: refusingTransactions('COORDINATOR_LOAD_IN_PROGRESS') })
    expect(await list()).toMatchObject({ error: 'COORDINATOR_LOAD_IN_PROGRESS', ids: [] })
    Object.assign(broker, { transactions: refusingTransactions('NOT_COORDINATOR') })
    expect(await list()).toMatchObject({ error: 'NONE', ids: [] })
  })
})
