import {
  DescribeTopicPartitions,
  type ErrorName,
  errorCode,
  type ResponseInput,
  ZERO_UUID,
} from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import type { TopicImage } from '../metadata/image.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import { authorizedOperations } from './authorized-operations.ts'
import { handler, type RequestContext } from './handler.ts'
import { offlineReplicas } from './offline-replicas.ts'

type TopicAnswer = ResponseInput<typeof DescribeTopicPartitions>['topics'][number]
type Cursor = { readonly topicName: string; readonly partitionIndex: number }

/** Who leads what, page by page, topics in the order of their names; the cursor says where the next page begins. */
export const describeTopicPartitions = handler(
  DescribeTopicPartitions,
  ['Describe Topic'],
  (request, context) => {
    const { cursor } = request
    if (cursor !== null && cursor.partitionIndex < 0) {
      return { topics: request.topics.map(({ name }) => failedTopic(name, 'INVALID_REQUEST')) }
    }
    const { metadata, settings } = context.broker
    const { byName } = metadata.image.topics
    const asksForAll = request.topics.length === 0
    const asked = asksForAll
      ? [...byName.keys()].filter(name => context.authorize('Describe', 'Topic', name))
      : [...new Set(request.topics.map(({ name }) => name))]
    const names = asked.filter(name => cursor === null || name >= cursor.topicName).sort()
    const limit = Math.min(
      request.responsePartitionLimit,
      settings.int('max.request.partition.size.limit'),
    )
    const page = new Page(Math.max(1, limit))
    for (const name of names) {
      const from = name === cursor?.topicName ? cursor.partitionIndex : 0
      const topic = byName.get(name)
      if (!context.authorize('Describe', 'Topic', name)) {
        page.addFailed(failedTopic(name, 'TOPIC_AUTHORIZATION_FAILED'))
      } else if (topic === undefined) {
        page.addFailed(failedTopic(name, unknownTopic(name)))
      } else if (!page.add(topic, { from, context })) {
        break
      }
    }
    return { topics: page.topics, nextCursor: page.nextCursor }
  },
)

class Page {
  readonly topics: TopicAnswer[] = []
  nextCursor: Cursor | null = null
  #room: number

  constructor(room: number) {
    this.#room = room
  }

  addFailed(topic: TopicAnswer): void {
    this.topics.push(topic)
  }

  /** Adds the topic's partitions from one on, as many as there is room for; false when the page is full. */
  add(topic: TopicImage, at: { readonly from: number; readonly context: RequestContext }): boolean {
    const { from, context } = at
    if (this.#room === 0) {
      this.nextCursor = { topicName: topic.name, partitionIndex: from }
      return false
    }
    const end = Math.min(topic.partitions.length, from + this.#room)
    this.topics.push(describeTopic(topic, { from, end, context }))
    this.#room -= Math.max(0, end - from)
    if (end >= topic.partitions.length) return true
    this.nextCursor = { topicName: topic.name, partitionIndex: end }
    return false
  }
}

function describeTopic(
  topic: TopicImage,
  at: { readonly from: number; readonly end: number; readonly context: RequestContext },
): TopicAnswer {
  const { context } = at
  const live = new Set(
    context.broker.endpoints.all(context.connection).map(({ brokerId }) => brokerId),
  )
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.topicId,
    isInternal: isInternalTopic(topic.name),
    partitions: topic.partitions.slice(at.from, at.end).map((partition, index) => ({
      errorCode: errorCode(partition.leader < 0 ? 'LEADER_NOT_AVAILABLE' : 'NONE'),
      partitionIndex: at.from + index,
      leaderId: partition.leader,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.isr,
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
      offlineReplicas: offlineReplicas(context.broker, {
        topic,
        partitionIndex: at.from + index,
        live,
      }),
    })),
    topicAuthorizedOperations: authorizedOperations(context, { type: 'Topic', name: topic.name }),
  }
}

function unknownTopic(name: string): ErrorName {
  return topicNameProblem(name) === undefined
    ? 'UNKNOWN_TOPIC_OR_PARTITION'
    : 'INVALID_TOPIC_EXCEPTION'
}

function failedTopic(name: string, error: ErrorName): TopicAnswer {
  return {
    errorCode: errorCode(error),
    name,
    topicId: ZERO_UUID,
    isInternal: isInternalTopic(name),
    partitions: [],
  }
}
