import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { endTxn } from '../../../../packages/broker/src/handlers/end-txn.ts'
import { refusingTransactions } from '../../../support/pure-transactions.ts'
import { transactionHandlers } from '../../../support/transaction-handlers.ts'
import { ID } from '../../../support/transaction-shard.ts'

async function given() {
  const { ask, ...handlers } = await transactionHandlers()
  const producer = handlers.shard.init()
  const end = async (version: number, words: object = {}) => {
    const answer = await ask(endTxn, version, {
      ...{ transactionalId: ID, committed: true },
      ...producer,
      ...words,
    }).answered
    return [errorName(answer.errorCode), answer.producerId, answer.producerEpoch]
  }
  return { ...handlers, producer, end }
}

describe('EndTxn', () => {
  it('ends the transaction, from version 5 on with a new epoch in the answer', async () => {
    const { shard, producer, end } = await given()
    shard.add(producer, 'orders-0')
    expect((await end(4))[0]).toBe('NONE')
    shard.writeMarkers()
    shard.add(producer, 'orders-0')
    expect(await end(5, { committed: false })).toEqual(['NONE', producer.producerId, 1])
    expect(shard.transaction()?.state).toBe('PrepareAbort')
  })

  it('takes a fresh producer id where the epochs are used up', async () => {
    const { shard, producer, end } = await given()
    shard.add(producer, 'orders-0')
    const transaction = shard.transaction()
    if (transaction === undefined) throw new Error('it has begun')
    shard.take({
      changes: [{ type: 'transaction', transaction: { ...transaction, producerEpoch: 32_766 } }],
    })
    expect(await end(5, { producerEpoch: 32_766 })).toEqual(['NONE', 500, 0])
  })

  it('names the fencing as the version knows it', async () => {
    const { shard, end } = await given()
    shard.init()
    expect((await end(1))[0]).toBe('INVALID_PRODUCER_EPOCH')
    expect((await end(2))[0]).toBe('PRODUCER_FENCED')
    expect(await end(5)).toEqual(['PRODUCER_FENCED', -1, -1])
  })

  it('is for those who may write with the id, and the id is not empty', async () => {
    const { end, forbid } = await given()
    expect((await end(5, { transactionalId: '' }))[0]).toBe('INVALID_REQUEST')
    forbid(permission => permission === `Write TransactionalId ${ID}`)
    expect(await end(5)).toEqual(['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', -1, -1])
  })

  it('says that nobody coordinates', async () => {
    const { end, broker } = await given()
    Object.assign(broker, { transactions: refusingTransactions('COORDINATOR_LOAD_IN_PROGRESS') })
    expect(await end(5)).toEqual(['COORDINATOR_LOAD_IN_PROGRESS', -1, -1])
  })
})
