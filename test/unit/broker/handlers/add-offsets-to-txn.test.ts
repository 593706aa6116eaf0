import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { addOffsetsToTxn } from '../../../../packages/broker/src/handlers/add-offsets-to-txn.ts'
import { transactionHandlers } from '../../../support/transaction-handlers.ts'
import { ID } from '../../../support/transaction-shard.ts'

async function given() {
  const { ask, ...handlers } = await transactionHandlers()
  const producer = handlers.shard.init()
  const add = async (version: number, words: object = {}) => {
    const request = { transactionalId: ID, groupId: 'readers', ...producer, ...words }
    return errorName((await ask(addOffsetsToTxn, version, request).answered).errorCode)
  }
  return { ...handlers, add }
}

describe('AddOffsetsToTxn', () => {
  it('adds the partition that keeps the group’s offsets', async () => {
    const { shard, add } = await given()
    expect(await add(4)).toBe('NONE')
    expect(await add(0, { groupId: 'g' })).toBe('NONE')
    // What Kafka's mapping says of these names and fifty partitions.
    expect(shard.transaction()?.partitions).toEqual(new Map([['__consumer_offsets', [28, 3]]]))
  })

  it('refuses who is fenced or unknown', async () => {
    const { shard, add } = await given()
    expect(await add(4, { transactionalId: 'other' })).toBe('INVALID_PRODUCER_ID_MAPPING')
    expect(await add(4, { transactionalId: '' })).toBe('INVALID_REQUEST')
    shard.init()
    expect(await add(1)).toBe('INVALID_PRODUCER_EPOCH')
    expect(await add(2)).toBe('PRODUCER_FENCED')
  })

  it('is for those who may write with the id and read with the group', async () => {
    const { add, forbid } = await given()
    forbid(permission => permission === 'Read Group readers')
    expect(await add(4)).toBe('GROUP_AUTHORIZATION_FAILED')
    forbid(permission => permission === `Write TransactionalId ${ID}`)
    expect(await add(4)).toBe('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  })

  it('asks the client to come again where the offsets have no coordinator', async () => {
    const { add, broker } = await given()
    const groups = { leadersOf: () => Promise.resolve(['COORDINATOR_NOT_AVAILABLE']) }
    Object.assign(broker, { groups })
    expect(await add(4)).toBe('COORDINATOR_NOT_AVAILABLE')
  })
})
