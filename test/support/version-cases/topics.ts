import {
  CreatePartitions,
  CreateTopics,
  DeleteTopics,
  DescribeLogDirs,
  type RequestInput,
  ZERO_UUID,
} from '@varve/protocol'
import { expect } from 'vitest'
import { DATA_FOLDER } from '../broker-on.ts'
import { type At, casesOf, expectError, first } from './case.ts'

const MISSING_ID = 'missingmissingmissingw'

type WantedTopic = RequestInput<typeof CreateTopics>['topics'][number]

async function create(
  at: At<typeof CreateTopics>,
  topic: Partial<WantedTopic> & { readonly name: string },
  validateOnly = false,
) {
  const wanted = {
    ...{ numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] },
    ...topic,
  }
  const { topics } = await at.ask({ topics: [wanted], timeoutMs: 5000, validateOnly })
  expect(first(topics).name).toBe(topic.name)
  return first(topics)
}

export const createTopicsCases = casesOf(CreateTopics, {
  'creates a topic, and says how': async at => {
    const configs = [{ name: 'retention.ms', value: '1234' }]
    const tried = await create(at, { name: at.newName(), configs }, true)
    const made = await create(at, { name: at.newName(), configs })
    for (const topic of [tried, made]) {
      expectError(topic.errorCode, 'NONE')
      expect(topic).toMatchObject({ errorMessage: null, topicConfigErrorCode: 0 })
      if (at.version < 5) {
        expect(topic).toMatchObject({ numPartitions: -1, replicationFactor: -1, configs: [] })
        continue
      }
      expect(topic).toMatchObject({ numPartitions: 2, replicationFactor: 1 })
      const given = { name: 'retention.ms', value: '1234', configSource: 1, isSensitive: false }
      expect(topic.configs).toContainEqual({ ...given, readOnly: false })
    }
    expect(tried.topicId).toBe(ZERO_UUID)
    if (at.version < 7) expect(made.topicId).toBe(ZERO_UUID)
    else expect(made.topicId).not.toBe(ZERO_UUID)
  },
  'places replicas as asked, or by itself': async at => {
    const assignments = [{ partitionIndex: 0, brokerIds: [1] }]
    const numbers = { numPartitions: -1, replicationFactor: -1 }
    const placed = await create(at, { name: at.newName(), ...numbers, assignments })
    expectError(placed.errorCode, 'NONE')
    if (at.version < 4) return
    expectError((await create(at, { name: at.newName(), ...numbers })).errorCode, 'NONE')
  },
  'says why not': async at => {
    const refused = async (error: string, topic: Partial<WantedTopic> = {}) => {
      const answer = await create(at, { name: at.newName(), ...topic })
      expectError(answer.errorCode, error)
      expect(answer.errorMessage).toMatch(/\w/)
      expect(answer.topicId).toBe(ZERO_UUID)
      // Versions before 5 have no configs, and then reading gives what an empty answer has.
      expect(answer.configs ?? []).toEqual([])
    }
    await refused('TOPIC_ALREADY_EXISTS', { name: at.orders.name })
    await refused('INVALID_TOPIC_EXCEPTION', { name: 'a/b' })
    await refused('INVALID_PARTITIONS', { numPartitions: 0 })
    await refused('INVALID_REPLICATION_FACTOR', { replicationFactor: 3 })
    await refused('INVALID_CONFIG', { configs: [{ name: 'retention.ms', value: 'soon' }] })
    await refused('INVALID_CONFIG', { configs: [{ name: 'no.such', value: null }] })
    const assignments = [{ partitionIndex: 0, brokerIds: [9] }]
    await refused('INVALID_REQUEST', { assignments })
    const unplaced = { numPartitions: -1, replicationFactor: -1, assignments }
    await refused('INVALID_REPLICA_ASSIGNMENT', unplaced)
    at.deny(action => action.startsWith('Create '))
    await refused('TOPIC_AUTHORIZATION_FAILED')
  },
  'keeps its configs from those who may not see them': async at => {
    at.deny(action => action.startsWith('DescribeConfigs'))
    const made = await create(at, { name: at.newName() })
    expectError(made.errorCode, 'NONE')
    const error = at.version < 5 ? 'NONE' : 'TOPIC_AUTHORIZATION_FAILED'
    expectError(made.topicConfigErrorCode, error)
    expect([made.numPartitions, made.configs ?? []]).toEqual([-1, []])
  },
  'refuses what is named twice, and answers what names nothing': async at => {
    const topic = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
    const name = at.newName()
    const topics = [
      { name, ...topic },
      { name, ...topic },
    ]
    const twice = await at.ask({ topics, timeoutMs: 1000, validateOnly: false })
    expect(twice.topics.map(({ errorCode }) => errorCode)).toEqual([42])
    const none = await at.ask({ topics: [], timeoutMs: 1000, validateOnly: false })
    expect(none.topics).toEqual([])
  },
})

async function deleteAll(
  at: At<typeof DeleteTopics>,
  topics: readonly { readonly name: string | null; readonly topicId?: string }[],
) {
  const asked =
    at.version < 6
      ? { topicNames: topics.map(({ name }) => name ?? '') }
      : { topics: topics.map(({ name, topicId = ZERO_UUID }) => ({ name, topicId })) }
  return (await at.ask({ ...asked, timeoutMs: 5000 })).responses
}

export const deleteTopicsCases = casesOf(DeleteTopics, {
  'deletes by name': async at => {
    const { name, topicId } = await at.newTopic()
    const [deleted] = await deleteAll(at, [{ name }])
    expect(deleted).toMatchObject({
      ...{ name, topicId: at.version < 6 ? ZERO_UUID : topicId, errorCode: 0, errorMessage: null },
    })
    expect(await deleteAll(at, [])).toEqual([])
  },
  'deletes by id': {
    since: 6,
    run: async at => {
      const { name, topicId } = await at.newTopic()
      const [deleted, missing] = await deleteAll(at, [
        { name: null, topicId },
        { name: null, topicId: MISSING_ID },
      ])
      expect(deleted).toMatchObject({ name, topicId, errorCode: 0 })
      expectError(missing?.errorCode, 'UNKNOWN_TOPIC_ID')
      expect(missing).toMatchObject({ name: null, topicId: MISSING_ID })
      const { orders } = at
      const both = await deleteAll(at, [orders])
      expectError(first(both).errorCode, 'INVALID_REQUEST')
      const neither = await deleteAll(at, [{ name: null }])
      expectError(first(neither).errorCode, 'INVALID_REQUEST')
      const twice = await deleteAll(at, [
        { name: orders.name },
        { name: null, topicId: orders.topicId },
      ])
      expect(twice.map(({ errorCode }) => errorCode)).toEqual([42, 42])
      at.deny(action => action === 'Describe Topic orders')
      const denied = await deleteAll(at, [{ name: null, topicId: orders.topicId }])
      expectError(first(denied).errorCode, 'TOPIC_AUTHORIZATION_FAILED')
      expect(first(denied).name).toBe(null)
    },
  },
  'says why not': async at => {
    const [missing] = await deleteAll(at, [{ name: 'missing' }])
    expectError(missing?.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
    const { name } = at.orders
    const twice = await deleteAll(at, [{ name }, { name }])
    expect(twice.map(({ errorCode }) => errorCode)).toEqual([42, 42])
    if (at.version >= 5) expect(twice[0]?.errorMessage).toMatch(/\w/)
    at.deny(action => action === 'Delete Topic orders')
    const [denied] = await deleteAll(at, [{ name }])
    expectError(denied?.errorCode, 'TOPIC_AUTHORIZATION_FAILED')
  },
})

async function grow(
  at: At<typeof CreatePartitions>,
  topics: RequestInput<typeof CreatePartitions>['topics'],
  validateOnly = false,
) {
  return (await at.ask({ topics, timeoutMs: 5000, validateOnly })).results
}

export const createPartitionsCases = casesOf(CreatePartitions, {
  'adds partitions': async at => {
    const { name } = await at.newTopic()
    const grown = { name, errorCode: 0, errorMessage: null }
    expect(await grow(at, [{ name, count: 2, assignments: null }], true)).toEqual([grown])
    expect(await grow(at, [{ name, count: 2, assignments: null }])).toEqual([grown])
    expect(await grow(at, [{ name, count: 3, assignments: [{ brokerIds: [1] }] }])).toEqual([grown])
    expect(await grow(at, [])).toEqual([])
  },
  'says why not': async at => {
    const refused = async (
      error: string,
      of: { name?: string; count?: number; ids?: number[] },
    ) => {
      const assignments = of.ids === undefined ? null : [{ brokerIds: of.ids }]
      const topic = { name: of.name ?? at.orders.name, count: of.count ?? 2, assignments }
      const answer = first(await grow(at, [topic]))
      expectError(answer.errorCode, error)
      expect(answer.errorMessage).toMatch(/\w/)
    }
    await refused('UNKNOWN_TOPIC_OR_PARTITION', { name: 'missing' })
    await refused('INVALID_PARTITIONS', { count: 1 })
    await refused('INVALID_PARTITIONS', { count: 0 })
    await refused('INVALID_REPLICA_ASSIGNMENT', { ids: [9] })
    await refused('INVALID_REPLICA_ASSIGNMENT', { ids: [1], count: 3 })
    const topic = { name: at.orders.name, count: 2, assignments: null }
    expectError(first(await grow(at, [topic, topic])).errorCode, 'INVALID_REQUEST')
    at.deny(action => action === 'Alter Topic orders')
    await refused('TOPIC_AUTHORIZATION_FAILED', {})
  },
})

export const describeLogDirsCases = casesOf(DescribeLogDirs, {
  'says what lies where, and how much room there is': async at => {
    const all = await at.ask({ topics: null })
    expectError(all.errorCode, 'NONE')
    const folder = first(all.results)
    expect(folder).toMatchObject({ errorCode: 0, logDir: DATA_FOLDER })
    expect(folder.topics.length).toBeGreaterThan(1)
    if (at.version < 4) expect(folder).toMatchObject({ totalBytes: -1, usableBytes: -1 })
    else expect(folder.usableBytes).toBeGreaterThan(0)
    const asked = await at.ask({
      topics: [
        { topic: at.orders.name, partitions: [0, 9] },
        { topic: 'missing', partitions: [0] },
      ],
    })
    const { topics } = first(asked.results)
    expect(topics).toMatchObject([{ name: at.orders.name, partitions: [{ partitionIndex: 0 }] }])
    expect(first(first(topics).partitions).partitionSize).toBeGreaterThan(0)
    expect(first((await at.ask({ topics: [] })).results).topics).toEqual([])
  },
  'says when the disk does not answer': async at => {
    at.breakSpace()
    const { errorCode, totalBytes } = first((await at.ask({ topics: null })).results)
    expectError(errorCode, 'KAFKA_STORAGE_ERROR')
    expect(totalBytes).toBe(-1)
  },
  'asks whether the client may': async at => {
    at.deny(action => action.startsWith('Describe Cluster'))
    const answer = await at.ask({ topics: null })
    expectError(answer.errorCode, at.version < 3 ? 'NONE' : 'CLUSTER_AUTHORIZATION_FAILED')
    expect(answer.results).toEqual([])
  },
})
