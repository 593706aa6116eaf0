import {
  ApiVersions,
  DescribeCluster,
  DescribeTopicPartitions,
  Metadata,
  type RequestInput,
  ZERO_UUID,
} from '@varve/protocol'
import { expect } from 'vitest'
import { type At, casesOf, expectError, first } from './case.ts'

const NOT_ASKED_FOR = -2_147_483_648
const MISSING_ID = 'missingmissingmissingw'

export const apiVersionsCases = casesOf(ApiVersions, {
  'says what there is': async at => {
    const named = { clientSoftwareName: 'varve', clientSoftwareVersion: '1.0' }
    const answer = await at.ask(at.version < 3 ? {} : named)
    expectError(answer.errorCode, 'NONE')
    expect(answer.apiKeys).toContainEqual({ apiKey: 18, minVersion: 0, maxVersion: 4 })
    // KAFKA-17011: before version 4, those that begin at 0 are left out.
    expect(answer.supportedFeatures).toHaveLength([0, 0, 0, 1, 3][at.version] ?? 3)
    expect(answer.finalizedFeatures).toHaveLength(at.version < 3 ? 0 : 3)
    expect(answer.finalizedFeaturesEpoch).toBeGreaterThanOrEqual(at.version < 3 ? -1 : 0)
  },
  'refuses software with a strange name': {
    since: 3,
    run: async at => {
      const answer = await at.ask({ clientSoftwareName: '-', clientSoftwareVersion: '' })
      expectError(answer.errorCode, 'INVALID_REQUEST')
      expect(answer.apiKeys).toEqual([])
    },
  },
})

type MetadataAt = At<typeof Metadata>

async function describeOne(
  at: MetadataAt,
  topic: NonNullable<RequestInput<typeof Metadata>['topics']>[number],
  more: Partial<RequestInput<typeof Metadata>> = {},
) {
  return first((await at.ask({ topics: [topic], ...more })).topics)
}

export const metadataCases = casesOf(Metadata, {
  'describes all topics': async at => {
    const answer = await at.ask({ topics: at.version < 1 ? [] : null })
    expectError(answer.errorCode, 'NONE')
    expect(answer.topics.length).toBeGreaterThan(1)
    expect(first(answer.brokers)).toMatchObject({ nodeId: 1, host: '127.0.0.1', rack: null })
    expect(answer.controllerId).toBe(at.version < 1 ? -1 : 1)
    if (at.version >= 2) expect(answer.clusterId).toMatch(/^[\w-]{22}$/)
  },
  'describes no topic': {
    since: 1,
    run: async at => expect((await at.ask({ topics: [] })).topics).toEqual([]),
  },
  'describes a topic by its name': async at => {
    const topic = await describeOne(at, { name: at.orders.name })
    expect(topic).toMatchObject({
      ...{ errorCode: 0, name: at.orders.name, isInternal: false },
      ...{ topicId: at.version < 10 ? ZERO_UUID : at.orders.topicId },
    })
    expect(topic.partitions).toEqual([
      {
        ...{ errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: at.version < 7 ? -1 : 1 },
        ...{ replicaNodes: [1], isrNodes: [1], offlineReplicas: [] },
      },
    ])
  },
  'describes a topic by its id': {
    since: 12,
    run: async at => {
      const topic = await describeOne(at, { name: null, topicId: at.orders.topicId })
      expect(topic).toMatchObject({ errorCode: 0, ...at.orders })
      const missing = await describeOne(at, { name: null, topicId: MISSING_ID })
      expectError(missing.errorCode, 'UNKNOWN_TOPIC_ID')
      expect(missing).toMatchObject({ name: null, topicId: MISSING_ID })
      const nothing = await describeOne(at, { name: null })
      expectError(nothing.errorCode, 'INVALID_REQUEST')
      at.deny(action => action === 'Describe Topic orders')
      const denied = await describeOne(at, { name: null, topicId: at.orders.topicId })
      expectError(denied.errorCode, 'TOPIC_AUTHORIZATION_FAILED')
      expect(denied.name).toBe(null)
    },
  },
  'refuses ids where they never worked': {
    ...{ since: 10, until: 11 },
    run: async at => {
      const topic = await describeOne(at, { name: null, topicId: at.orders.topicId })
      expectError(topic.errorCode, 'INVALID_REQUEST')
      expect(topic).toMatchObject({ name: '', topicId: at.orders.topicId })
    },
  },
  'creates what is missing if it may': async at => {
    const name = at.newName()
    if (at.version >= 4) {
      const missing = await describeOne(at, { name }, { allowAutoTopicCreation: false })
      expectError(missing.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION')
      expect(missing).toMatchObject({ name, partitions: [] })
    }
    const created = await describeOne(at, { name })
    expectError(created.errorCode, 'NONE')
    expect(first(created.partitions).leaderId).toBe(1)
    expectError((await describeOne(at, { name: 'a/b' })).errorCode, 'INVALID_TOPIC_EXCEPTION')
  },
  'says what the client may do': {
    since: 8,
    run: async at => {
      const ask = (isAskedFor: boolean) =>
        at.ask({
          topics: [{ name: at.orders.name }],
          includeTopicAuthorizedOperations: isAskedFor,
          ...(at.version > 10 ? {} : { includeClusterAuthorizedOperations: isAskedFor }),
        })
      const silent = await ask(false)
      expect(first(silent.topics).topicAuthorizedOperations).toBe(NOT_ASKED_FOR)
      expect(silent.clusterAuthorizedOperations).toBe(NOT_ASKED_FOR)
      const telling = await ask(true)
      expect(first(telling.topics).topicAuthorizedOperations).toBeGreaterThan(0)
      if (at.version <= 10) expect(telling.clusterAuthorizedOperations).toBeGreaterThan(0)
      at.deny(action => action.startsWith('Describe Cluster'))
      const denied = await ask(true)
      expect(denied.clusterAuthorizedOperations).toBe(at.version > 10 ? NOT_ASKED_FOR : 0)
    },
  },
  'asks whether the client may': async at => {
    at.deny(action => action === 'Describe Topic orders')
    const topic = await describeOne(at, { name: at.orders.name })
    expectError(topic.errorCode, 'TOPIC_AUTHORIZATION_FAILED')
    expect(topic.partitions).toEqual([])
  },
})

export const describeClusterCases = casesOf(DescribeCluster, {
  'says who is there': async at => {
    const answer = await at.ask({ includeClusterAuthorizedOperations: false })
    expectError(answer.errorCode, 'NONE')
    expect(answer).toMatchObject({ controllerId: 1, clusterAuthorizedOperations: NOT_ASKED_FOR })
    expect(first(answer.brokers)).toMatchObject({ brokerId: 1, host: '127.0.0.1', rack: null })
  },
  'says what the client may do': async at => {
    const request = { includeClusterAuthorizedOperations: true }
    expect((await at.ask(request)).clusterAuthorizedOperations).toBeGreaterThan(0)
    at.deny(action => action.startsWith('Describe Cluster'))
    expect((await at.ask(request)).clusterAuthorizedOperations).toBe(NOT_ASKED_FOR)
  },
  'is a broker, and no controller': {
    since: 1,
    run: async at => {
      const ask = (endpointType: number) =>
        at.ask({ includeClusterAuthorizedOperations: false, endpointType })
      expect(await ask(1)).toMatchObject({ errorCode: 0, endpointType: 1 })
      const controller = await ask(2)
      expectError(controller.errorCode, 'MISMATCHED_ENDPOINT_TYPE')
      expect(controller.errorMessage).toMatch(/\w/)
      const unknown = await ask(9)
      expectError(unknown.errorCode, 'UNSUPPORTED_ENDPOINT_TYPE')
      expect(unknown.brokers).toEqual([])
    },
  },
  'knows of brokers that are fenced': {
    since: 2,
    run: async at => {
      const request = { includeClusterAuthorizedOperations: false, includeFencedBrokers: true }
      expect(first((await at.ask(request)).brokers).isFenced).toBe(false)
    },
  },
})

export const describeTopicPartitionsCases = casesOf(DescribeTopicPartitions, {
  'describes topics page by page': async at => {
    const all = await at.ask({ topics: [] })
    expect(all.topics.length).toBeGreaterThan(1)
    expect(all.nextCursor).toBe(null)
    const topics = [{ name: at.users.name }, { name: at.orders.name }]
    const page = await at.ask({ topics, responsePartitionLimit: 1 })
    const topic = first(page.topics)
    expect(topic).toMatchObject({ errorCode: 0, ...at.orders, isInternal: false })
    expect(first(topic.partitions)).toMatchObject({ leaderId: 1, leaderEpoch: 1, isrNodes: [1] })
    expect(topic.topicAuthorizedOperations).toBeGreaterThan(0)
    expect(page.nextCursor).toEqual({ topicName: at.users.name, partitionIndex: 0 })
    const rest = await at.ask({ topics, cursor: page.nextCursor })
    expect(rest.topics.map(({ name }) => name)).toEqual([at.users.name])
  },
  'says why not': async at => {
    const refused = async (name: string, error: string, cursor: object | null = null) => {
      const request = { topics: [{ name }], cursor: cursor as { topicName: string } | null }
      const answer = await at.ask(request as RequestInput<typeof DescribeTopicPartitions>)
      expectError(first(answer.topics).errorCode, error)
      expect(first(answer.topics)).toMatchObject({ name, topicId: ZERO_UUID, partitions: [] })
    }
    await refused('missing', 'UNKNOWN_TOPIC_OR_PARTITION')
    await refused('a/b', 'INVALID_TOPIC_EXCEPTION')
    await refused('orders', 'INVALID_REQUEST', { topicName: 'orders', partitionIndex: -2 })
    at.deny(action => action === 'Describe Topic orders')
    await refused('orders', 'TOPIC_AUTHORIZATION_FAILED')
  },
})
