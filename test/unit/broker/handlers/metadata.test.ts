import { errorName, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { metadata } from '../../../../packages/broker/src/handlers/metadata.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const named = (...names: (string | null)[]) => names.map(name => ({ name, topicId: ZERO_UUID }))
const request = (topics: object[] | null, changes: object = {}) => ({
  topics,
  allowAutoTopicCreation: true,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
  ...changes,
})

const brokerWith = async (names: string[], ...overrides: string[]) => {
  const broker = await adminBroker(...overrides)
  await makeTopics(
    broker.parts,
    names.map(name => ({
      name,
      numPartitions: 2,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    })),
  )
  const outline = async (version: number, body: object) => {
    const { topics } = await broker.ask(metadata, version, body)
    return topics.map(({ name, errorCode, partitions }) => [
      name,
      errorName(errorCode),
      partitions.length,
    ])
  }
  return { ...broker, outline }
}

describe('Metadata', () => {
  it('says where the broker is, which cluster it is, and who leads what', async () => {
    const { ask, store } = await brokerWith(['orders'])
    const answer = await ask(metadata, 12, request(named('orders')))
    expect(answer).toMatchObject({
      brokers: [{ nodeId: 1, host: 'localhost', port: 9092, rack: null }],
      clusterId: store.image.clusterId,
      controllerId: 1,
      topics: [
        {
          errorCode: 0,
          name: 'orders',
          topicId: store.image.topics.byName.get('orders')?.topicId,
          isInternal: false,
          topicAuthorizedOperations: -2_147_483_648,
          partitions: [
            {
              errorCode: 0,
              partitionIndex: 0,
              leaderId: 1,
              leaderEpoch: 0,
              replicaNodes: [1],
              isrNodes: [1],
            },
            { errorCode: 0, partitionIndex: 1, leaderId: 1 },
          ],
        },
      ],
    })
  })

  it('gives all topics for null, and none for an empty list but in version 0', async () => {
    const { outline } = await brokerWith(['a', 'b'])
    const both = [
      ['a', 'NONE', 2],
      ['b', 'NONE', 2],
    ]
    expect(await outline(1, request(null))).toEqual(both)
    expect(await outline(0, request([]))).toEqual(both)
    expect(await outline(1, request([]))).toEqual([])
  })

  it('creates a missing topic within the call and answers with its leader', async () => {
    const { ask } = await brokerWith([], 'num.partitions=3')
    const answer = await ask(metadata, 12, request(named('new')))
    expect(
      answer.topics[0]?.partitions.map(({ leaderId, errorCode }) => [leaderId, errorCode]),
    ).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ])
  })

  it('creates nothing where request or settings do not allow it, where the name is illegal, or for an internal topic', async () => {
    const { outline } = await brokerWith([])
    expect(await outline(12, request(named('new'), { allowAutoTopicCreation: false }))).toEqual([
      ['new', 'UNKNOWN_TOPIC_OR_PARTITION', 0],
    ])
    expect(await outline(12, request(named('a/b', '__consumer_offsets')))).toEqual([
      ['a/b', 'INVALID_TOPIC_EXCEPTION', 0],
      ['__consumer_offsets', 'UNKNOWN_TOPIC_OR_PARTITION', 0],
    ])
    const forbidding = await brokerWith([], 'auto.create.topics.enable=false')
    expect(await forbidding.outline(12, request(named('new')))).toEqual([
      ['new', 'UNKNOWN_TOPIC_OR_PARTITION', 0],
    ])
  })

  it('says why a topic could not be created', async () => {
    const { outline } = await brokerWith(['a.b'], 'default.replication.factor=3')
    expect(await outline(12, request(named('new', 'a_b')))).toEqual([
      ['new', 'INVALID_REPLICATION_FACTOR', 0],
      ['a_b', 'INVALID_TOPIC_EXCEPTION', 0],
    ])
  })

  it('looks all topics up by id when one has an id', async () => {
    const { ask, store } = await brokerWith(['orders'])
    const topicId = store.image.topics.byName.get('orders')?.topicId ?? ''
    const answer = await ask(
      metadata,
      12,
      request([
        { name: null, topicId },
        { name: null, topicId: 'AAAAAAAAAAAAAAAAAAAACQ' },
        { name: 'orders', topicId: ZERO_UUID },
      ]),
    )
    expect(answer.topics.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['orders', 'NONE'],
      [null, 'UNKNOWN_TOPIC_ID'],
      [null, 'UNKNOWN_TOPIC_ID'],
    ])
  })

  it('refuses ids and missing names before version 12', async () => {
    const { outline } = await brokerWith(['orders'])
    expect(await outline(10, request(named(null)))).toEqual([['', 'INVALID_REQUEST', 0]])
  })

  it('hides what may not be described and creates nothing for those who may not', async () => {
    const broker = await brokerWith(['secret', 'open'])
    broker.forbid(permission => permission.endsWith(' secret') || permission.startsWith('Create'))
    expect(await broker.outline(12, request(null))).toEqual([['open', 'NONE', 2]])
    expect(await broker.outline(12, request(named('secret', 'open', 'new')))).toEqual([
      ['secret', 'TOPIC_AUTHORIZATION_FAILED', 0],
      ['open', 'NONE', 2],
      ['new', 'UNKNOWN_TOPIC_OR_PARTITION', 0],
    ])
    const topicId = broker.store.image.topics.byName.get('secret')?.topicId
    expect(await broker.outline(12, request([{ name: null, topicId }]))).toEqual([
      [null, 'TOPIC_AUTHORIZATION_FAILED', 0],
    ])
  })

  it('says which operations are allowed when asked', async () => {
    const broker = await brokerWith(['orders'])
    const all = { includeTopicAuthorizedOperations: true, includeClusterAuthorizedOperations: true }
    const answer = await broker.ask(metadata, 10, request(named('orders'), all))
    expect(answer.topics[0]?.topicAuthorizedOperations).toBe(0b1101_1111_1000)
    expect(answer.clusterAuthorizedOperations).toBe(0b1_1111_1010_0000)
    broker.forbid(permission => permission === 'Write Topic orders')
    const less = await broker.ask(metadata, 10, request(named('orders'), all))
    expect(less.topics[0]?.topicAuthorizedOperations).toBe(0b1101_1110_1000)
  })
})
