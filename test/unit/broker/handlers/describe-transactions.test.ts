import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { describeTransactions } from '../../../../packages/broker/src/handlers/describe-transactions.ts'
import { refusingTransactions } from '../../../support/pure-transactions.ts'
import { transactionHandlers } from '../../../support/transaction-handlers.ts'
import { ID } from '../../../support/transaction-shard.ts'

async function given() {
  const { ask, ...handlers } = await transactionHandlers()
  const describeAll = async (...transactionalIds: string[]) => {
    const answer = await ask(describeTransactions, 0, { transactionalIds }).answered
    return answer.transactionStates.map(({ errorCode, ...described }) => ({
      error: errorName(errorCode),
      ...described,
    }))
  }
  return { ...handlers, describeAll }
}

describe('DescribeTransactions', () => {
  it('says what is known of each id, once', async () => {
    const { shard, describeAll } = await given()
    const producer = shard.init()
    shard.add(producer, 'orders-1', 'other-0')
    expect(await describeAll(ID, ID, 'nobody', '')).toEqual([
      {
        error: 'NONE',
        transactionalId: ID,
        transactionState: 'Ongoing',
        transactionTimeoutMs: 60_000,
        transactionStartTimeMs: shard.nowMs,
        ...producer,
        topics: [
          { topic: 'orders', partitions: [1] },
          { topic: 'other', partitions: [0] },
        ],
      },
      expect.objectContaining({ error: 'TRANSACTIONAL_ID_NOT_FOUND', transactionState: '' }),
      expect.objectContaining({ error: 'INVALID_REQUEST' }),
    ])
  })

  it('tells only those who may know, of ids as of topics', async () => {
    const { shard, describeAll, forbid } = await given()
    shard.add(shard.init(), 'orders-1', 'other-0')
    forbid(permission => permission === 'Describe Topic orders')
    expect(await describeAll(ID)).toMatchObject([{ topics: [{ topic: 'other' }] }])
    forbid(permission => permission === `Describe TransactionalId ${ID}`)
    expect(await describeAll(ID)).toMatchObject([
      { error: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', topics: [], producerId: 0 },
    ])
  })

  it('says that nobody coordinates', async () => {
    const { describeAll, broker } = await given()
    Object.assign(broker, { transactions: refusingTransactions('NOT_COORDINATOR') })
    expect(await describeAll(ID)).toMatchObject([{ error: 'NOT_COORDINATOR' }])
  })
})
