import { CreatePartitions, CreateTopics, DeleteTopics, Metadata, ZERO_UUID } from '@varve/protocol'
import { askController, type Call } from '../cluster/ask.ts'
import { topicImage } from '../cluster/image.ts'
import { protocolError } from '../errors.ts'
import { configText } from './configs.ts'
import { inOrder } from './in-order.ts'
import type {
  CreatedTopic,
  DeletedTopic,
  DescribedTopic,
  ListedTopic,
  NewPartitions,
  NewTopic,
  TopicOutcome,
} from './results.ts'

/** Creates topics; one result per topic, in their order. */
export async function createTopics(
  call: Call,
  topics: readonly NewTopic[],
  validateOnly: boolean,
): Promise<CreatedTopic[]> {
  const request = { topics: topics.map(creatableTopic), timeoutMs: call.timeoutMs, validateOnly }
  const response = await askController(call, CreateTopics, request, answer =>
    answer.topics.map(topic => topic.errorCode),
  )
  const created = response.topics.map(topic => ({
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.numPartitions,
    replicationFactor: topic.replicationFactor,
    error: protocolError(topic.errorCode, {
      about: `creating topic ${topic.name}`,
      detail: topic.errorMessage,
    }),
  }))
  return inOrder<NewTopic, CreatedTopic>(topics, created, topic => topic.name)
}

function creatableTopic(topic: NewTopic) {
  const hasAssignments = topic.assignments !== undefined
  return {
    name: topic.name,
    numPartitions: hasAssignments ? -1 : (topic.partitions ?? -1),
    replicationFactor: hasAssignments ? -1 : (topic.replicationFactor ?? -1),
    assignments: (topic.assignments ?? []).map((brokerIds, partitionIndex) => ({
      partitionIndex,
      brokerIds: [...brokerIds],
    })),
    configs: Object.entries(topic.configs ?? {}).map(([name, value]) => ({
      name,
      value: configText(value),
    })),
  }
}

/** Deletes topics; one result per topic, in their order. */
export async function deleteTopics(call: Call, names: readonly string[]): Promise<DeletedTopic[]> {
  const { timeoutMs } = call
  const response = await askController(
    call,
    DeleteTopics,
    // KIP-516: from version 6 on, a topic is named in a list that could also hold its id.
    version =>
      version >= 6
        ? { topics: names.map(name => ({ name, topicId: ZERO_UUID })), timeoutMs }
        : { topicNames: [...names], timeoutMs },
    answer => answer.responses.map(topic => topic.errorCode),
  )
  const deleted = response.responses.map(topic => ({
    name: topic.name ?? '',
    error: protocolError(topic.errorCode, {
      about: `deleting topic ${topic.name}`,
      detail: topic.errorMessage,
    }),
  }))
  return inOrder<{ readonly name: string }, DeletedTopic>(
    names.map(name => ({ name })),
    deleted,
    topic => topic.name,
  )
}

/** Gives topics more partitions; one result per topic, in their order. */
export async function createPartitions(
  call: Call,
  topics: readonly NewPartitions[],
  validateOnly: boolean,
): Promise<TopicOutcome[]> {
  const request = {
    topics: topics.map(({ topic, count, assignments }) => ({
      name: topic,
      count,
      assignments: assignments?.map(brokerIds => ({ brokerIds: [...brokerIds] })) ?? null,
    })),
    timeoutMs: call.timeoutMs,
    validateOnly,
  }
  const response = await askController(call, CreatePartitions, request, answer =>
    answer.results.map(topic => topic.errorCode),
  )
  const results = response.results.map(topic => ({
    topic: topic.name,
    error: protocolError(topic.errorCode, {
      about: `adding partitions to topic ${topic.name}`,
      detail: topic.errorMessage,
    }),
  }))
  return inOrder<NewPartitions, TopicOutcome>(topics, results, result => result.topic)
}

/** Lists all topics that this client may see. */
export async function listTopics(call: Call): Promise<ListedTopic[]> {
  const request = { topics: null, allowAutoTopicCreation: false }
  const about = 'listing topics'
  const response = await call.cluster.requestAny(Metadata, request, { ...call, about })
  return response.topics
    .map(topicImage)
    .map(({ name, topicId, isInternal, partitions }) => ({
      name,
      topicId,
      isInternal,
      partitions: partitions.length,
      replicationFactor: partitions[0]?.replicas.length ?? 0,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Describes topics; one result per topic, in their order. */
export async function describeTopics(
  call: Call,
  names: readonly string[],
): Promise<DescribedTopic[]> {
  const request = {
    topics: names.map(name => ({ topicId: ZERO_UUID, name })),
    allowAutoTopicCreation: false,
  }
  const about = 'describing topics'
  const response = await call.cluster.requestAny(Metadata, request, { ...call, about })
  const described = new Map(response.topics.map(topic => [topic.name, topicImage(topic)]))
  return names.map(name => {
    const topic = described.get(name)
    const error =
      topic === undefined ? protocolError(UNKNOWN_TOPIC, { about: `topic ${name}` }) : topic.error
    const { topicId = ZERO_UUID, isInternal = false, partitions = [] } = topic ?? {}
    return { name, topicId, isInternal, partitions, error }
  })
}

const UNKNOWN_TOPIC = 3
