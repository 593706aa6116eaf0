import {
  type ErrorName,
  errorCode,
  Metadata,
  type RequestOf,
  type ResponseInput,
  ZERO_UUID,
} from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import type { TopicImage } from '../metadata/image.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import {
  authorizedClusterOperations,
  authorizedOperations,
  OPERATIONS_NOT_ASKED_FOR,
} from './authorized-operations.ts'
import { makeTopics } from './create-topics.ts'
import { CLUSTER_RESOURCE, handler, type RequestContext } from './handler.ts'
import { offlineReplicas } from './offline-replicas.ts'

type Request = RequestOf<typeof Metadata>
type AskedTopic = NonNullable<Request['topics']>[number]
type TopicAnswer = ResponseInput<typeof Metadata>['topics'][number]

/** Which brokers there are and who leads what. A missing topic may be created within the call, and is then answered with its leader. */
export const metadata = handler(
  Metadata,
  ['Describe Topic', 'Create Topic', 'Create Cluster', 'Describe Cluster'],
  (request, context) => {
    const missing = topicsToCreate(request, context)
    if (missing.length === 0) return answer(request, context, new Map())
    return createMissing(missing, context).then(refusals => answer(request, context, refusals))
  },
)

/** Version 0 asks for all topics with an empty list, later ones with null. */
function asksForAll(request: Request, apiVersion: number): boolean {
  return request.topics === null || (apiVersion === 0 && request.topics.length === 0)
}

/** If any topic is asked for by its id, all are. */
function asksByIds(topics: readonly AskedTopic[]): boolean {
  return topics.some(({ topicId }) => topicId !== ZERO_UUID)
}

/** Versions 10 and 11 have the id in the request, but it never worked there (v12 is KIP-516's second try). */
function isMalformed(topics: readonly AskedTopic[], apiVersion: number): boolean {
  return (
    apiVersion < 12 && topics.some(({ name, topicId }) => name === null || topicId !== ZERO_UUID)
  )
}

function topicsToCreate(request: Request, context: RequestContext): string[] {
  const { broker, apiVersion } = context
  const { topics } = request
  if (topics === null || asksForAll(request, apiVersion) || asksByIds(topics)) return []
  if (!request.allowAutoTopicCreation || isMalformed(topics, apiVersion)) return []
  if (!broker.settings.boolean('auto.create.topics.enable')) return []
  const { byName } = broker.metadata.image.topics
  const missing = topics.flatMap(({ name }) =>
    name === null ||
    byName.has(name) ||
    isInternalTopic(name) ||
    topicNameProblem(name) !== undefined
      ? []
      : [name],
  )
  return [...new Set(missing)].filter(
    name =>
      context.authorize('Describe', 'Topic', name) &&
      (context.authorize('Create', 'Cluster', CLUSTER_RESOURCE) ||
        context.authorize('Create', 'Topic', name)),
  )
}

/** Creates the topics; gives the errors of those that could not be. */
async function createMissing(
  names: readonly string[],
  context: RequestContext,
): Promise<ReadonlyMap<string, ErrorName>> {
  const outcomes = await makeTopics(
    context.broker,
    names.map(name => ({
      name,
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [],
      configs: [],
    })),
  )
  const refusals = new Map<string, ErrorName>()
  for (const [index, name] of names.entries()) {
    const error = outcomes[index]?.error ?? 'NONE'
    // Somebody else was faster: then it is there.
    if (error !== 'NONE' && error !== 'TOPIC_ALREADY_EXISTS') refusals.set(name, error)
  }
  return refusals
}

function answer(
  request: Request,
  context: RequestContext,
  refusals: ReadonlyMap<string, ErrorName>,
): ResponseInput<typeof Metadata> {
  const { broker, connection, apiVersion } = context
  if (request.topics !== null && isMalformed(request.topics, apiVersion)) {
    return {
      brokers: [],
      topics: request.topics.map(({ name, topicId }) =>
        failedTopic(name ?? '', topicId, 'INVALID_REQUEST'),
      ),
    }
  }
  const brokers = broker.endpoints.all(connection)
  const live = new Set(brokers.map(({ brokerId }) => brokerId))
  const describe = (topic: TopicImage): TopicAnswer =>
    describeTopic(topic, { request, context, live })
  return {
    brokers: brokers.map(({ brokerId, host, port, rack }) => ({
      nodeId: brokerId,
      host,
      port,
      rack,
    })),
    clusterId: broker.clusterId,
    // Any broker takes requests to the controller, so the one that answers is as good as another.
    controllerId: broker.brokerId,
    topics:
      request.topics === null || asksForAll(request, apiVersion)
        ? allTopics(context).map(describe)
        : askedTopics(request.topics, { context, refusals, describe }),
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? context.authorize('Describe', 'Cluster', CLUSTER_RESOURCE)
        ? authorizedClusterOperations(context)
        : 0
      : OPERATIONS_NOT_ASKED_FOR,
  }
}

function allTopics(context: RequestContext): TopicImage[] {
  const topics = [...context.broker.metadata.image.topics.byName.values()]
  return topics.filter(({ name }) => context.authorize('Describe', 'Topic', name))
}

function askedTopics(
  topics: readonly AskedTopic[],
  by: {
    readonly context: RequestContext
    readonly refusals: ReadonlyMap<string, ErrorName>
    readonly describe: (topic: TopicImage) => TopicAnswer
  },
): TopicAnswer[] {
  const { byId, byName } = by.context.broker.metadata.image.topics
  if (asksByIds(topics)) {
    return [...new Set(topics.map(({ topicId }) => topicId))].map(topicId => {
      const topic = byId.get(topicId)
      if (topic === undefined) return failedTopic(null, topicId, 'UNKNOWN_TOPIC_ID')
      // An id says nothing about the name to somebody who may not describe the topic.
      if (!by.context.authorize('Describe', 'Topic', topic.name)) {
        return failedTopic(null, topicId, 'TOPIC_AUTHORIZATION_FAILED')
      }
      return by.describe(topic)
    })
  }
  return [...new Set(topics.map(({ name }) => name))].map(name => {
    if (name === null) return failedTopic(null, ZERO_UUID, 'INVALID_REQUEST')
    if (!by.context.authorize('Describe', 'Topic', name)) {
      return failedTopic(name, ZERO_UUID, 'TOPIC_AUTHORIZATION_FAILED')
    }
    const topic = byName.get(name)
    if (topic !== undefined) return by.describe(topic)
    const error =
      topicNameProblem(name) === undefined
        ? 'UNKNOWN_TOPIC_OR_PARTITION'
        : 'INVALID_TOPIC_EXCEPTION'
    return failedTopic(name, ZERO_UUID, by.refusals.get(name) ?? error)
  })
}

function failedTopic(name: string | null, topicId: string, error: ErrorName): TopicAnswer {
  return {
    errorCode: errorCode(error),
    name,
    topicId,
    isInternal: name !== null && isInternalTopic(name),
    partitions: [],
  }
}

function describeTopic(
  topic: TopicImage,
  by: {
    readonly request: Request
    readonly context: RequestContext
    readonly live: ReadonlySet<number>
  },
): TopicAnswer {
  const { name, topicId } = topic
  return {
    errorCode: 0,
    name,
    topicId,
    isInternal: isInternalTopic(name),
    partitions: topic.partitions.map((partition, partitionIndex) => ({
      errorCode: errorCode(leaderError(partition.leader, by.live)),
      partitionIndex,
      leaderId: partition.leader,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.isr,
      offlineReplicas: offlineReplicas(by.context.broker, { topic, partitionIndex, live: by.live }),
    })),
    topicAuthorizedOperations: by.request.includeTopicAuthorizedOperations
      ? authorizedOperations(by.context, { type: 'Topic', name })
      : OPERATIONS_NOT_ASKED_FOR,
  }
}

/** A leader that has no endpoint for the listener of this connection cannot be reached through it. */
function leaderError(leader: number, live: ReadonlySet<number>): ErrorName {
  if (leader < 0) return 'LEADER_NOT_AVAILABLE'
  return live.has(leader) ? 'NONE' : 'LISTENER_NOT_FOUND'
}
