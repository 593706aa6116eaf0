import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { addPartitionsToTxn } from '../../../../packages/broker/src/handlers/add-partitions-to-txn.ts'
import { transactionHandlers } from '../../../support/transaction-handlers.ts'
import { ID } from '../../../support/transaction-shard.ts'

type Topics = { name: string; partitions: number[] }[]
type Results = readonly {
  readonly name: string
  readonly resultsByPartition: readonly {
    readonly partitionIndex: number
    readonly partitionErrorCode: number
  }[]
}[]

const errorsOf = (results: Results) =>
  Object.fromEntries(
    results.flatMap(({ name, resultsByPartition }) =>
      resultsByPartition.map(({ partitionIndex, partitionErrorCode }) => [
        `${name}-${partitionIndex}`,
        errorName(partitionErrorCode),
      ]),
    ),
  )

const ORDERS: Topics = [{ name: 'orders', partitions: [0, 1] }]

async function given() {
  const { ask, ...handlers } = await transactionHandlers()
  const producer = handlers.shard.init()
  const add = async (version: number, topics: Topics, words: object = {}) => {
    const answer = await ask(addPartitionsToTxn, version, {
      v3AndBelowTransactionalId: ID,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: topics,
      ...words,
    }).answered
    return errorsOf(answer.resultsByTopicV3AndBelow ?? [])
  }
  const addAsBroker = async (topics: Topics, words: object = {}) => {
    const transaction = { transactionalId: ID, ...producer, verifyOnly: true, topics, ...words }
    const answer = await ask(addPartitionsToTxn, 5, { transactions: [transaction] }).answered
    return {
      error: errorName(answer.errorCode ?? 0),
      errors: (answer.resultsByTransaction ?? []).map(({ topicResults }) => errorsOf(topicResults)),
    }
  }
  return { ...handlers, producer, add, addAsBroker }
}

describe('AddPartitionsToTxn', () => {
  it('adds what a client asks for', async () => {
    const { shard, add } = await given()
    expect(await add(3, [...ORDERS, { name: 'other', partitions: [0] }])).toEqual({
      'orders-0': 'NONE',
      'orders-1': 'NONE',
      'other-0': 'NONE',
    })
    expect(shard.transaction()?.partitions.size).toBe(2)
  })

  it('adds all or nothing', async () => {
    const { shard, add, forbid } = await given()
    forbid(permission => permission === 'Write Topic other')
    const topics = [
      { name: 'orders', partitions: [0, 2] },
      { name: 'other', partitions: [0] },
      { name: 'nowhere', partitions: [0] },
      { name: '__consumer_offsets', partitions: [0] },
    ]
    expect(await add(3, topics)).toEqual({
      'orders-0': 'OPERATION_NOT_ATTEMPTED',
      'orders-2': 'UNKNOWN_TOPIC_OR_PARTITION',
      'other-0': 'TOPIC_AUTHORIZATION_FAILED',
      'nowhere-0': 'UNKNOWN_TOPIC_OR_PARTITION',
      '__consumer_offsets-0': 'TOPIC_AUTHORIZATION_FAILED',
    })
    expect(shard.transaction()?.state).toBe('Empty')
  })

  it('names the fencing as the version knows it', async () => {
    const { shard, add } = await given()
    shard.init()
    const topics = [{ name: 'other', partitions: [0] }]
    expect(await add(1, topics)).toEqual({ 'other-0': 'INVALID_PRODUCER_EPOCH' })
    expect(await add(2, topics)).toEqual({ 'other-0': 'PRODUCER_FENCED' })
  })

  it('is for those who may write with the id, and the id is not empty', async () => {
    const { add, forbid } = await given()
    const topics = [{ name: 'other', partitions: [0] }]
    expect(await add(3, topics, { v3AndBelowTransactionalId: '' })).toEqual({
      'other-0': 'INVALID_REQUEST',
    })
    forbid(permission => permission === `Write TransactionalId ${ID}`)
    expect(await add(3, topics)).toEqual({ 'other-0': 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' })
  })

  it('verifies and adds for brokers', async () => {
    const { shard, addAsBroker } = await given()
    expect(await addAsBroker(ORDERS)).toEqual({
      error: 'NONE',
      errors: [{ 'orders-0': 'TRANSACTION_ABORTABLE', 'orders-1': 'TRANSACTION_ABORTABLE' }],
    })
    const one = [{ name: 'orders', partitions: [1] }]
    expect(await addAsBroker(one, { verifyOnly: false })).toMatchObject({
      errors: [{ 'orders-1': 'NONE' }],
    })
    expect(await addAsBroker(ORDERS)).toMatchObject({
      errors: [{ 'orders-0': 'TRANSACTION_ABORTABLE', 'orders-1': 'NONE' }],
    })
    expect(shard.transaction()?.partitions).toEqual(new Map([['orders', [1]]]))
    expect(await addAsBroker([{ name: 'orders', partitions: [9] }])).toMatchObject({
      errors: [{ 'orders-9': 'UNKNOWN_TOPIC_OR_PARTITION' }],
    })
  })

  it('lets brokers alone ask for several transactions', async () => {
    const { addAsBroker, forbid } = await given()
    forbid(permission => permission.startsWith('ClusterAction'))
    expect(await addAsBroker(ORDERS)).toEqual({ error: 'CLUSTER_AUTHORIZATION_FAILED', errors: [] })
  })
})
