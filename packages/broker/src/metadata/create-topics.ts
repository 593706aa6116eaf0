/** Decides which of the topics that somebody wants come to be, and what they are made of. */
import type { BrokerSettings } from '../config/broker-settings.ts'
import { topicConfigsProblem } from '../config/topic-configs.ts'
import type { Amendment } from './amend.ts'
import { type MetadataChange, RESOURCE_TYPE } from './change.ts'
import type { MetadataImage } from './image.ts'
import {
  assignmentProblem,
  countPartitions,
  newPartition,
  partitionCountProblem,
  placePartitions,
  type Refusal,
} from './new-partitions.ts'
import { TakenNames, topicNameProblem } from './topic-name.ts'

/** A topic as it was asked for. */
export interface WantedTopic {
  readonly name: string
  /** -1: `num.partitions`, or as many as there are assignments. */
  readonly numPartitions: number
  /** -1: `default.replication.factor`, or as the assignments say. */
  readonly replicationFactor: number
  readonly assignments: readonly {
    readonly partitionIndex: number
    readonly brokerIds: readonly number[]
  }[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

export interface CreatedTopic {
  readonly error: 'NONE'
  readonly topicId: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string>
}

export interface TopicRules {
  readonly settings: BrokerSettings
  readonly newTopicId: () => string
}

/** One outcome for each wanted topic, in order. Two that want the same name are the caller's to refuse. */
export function createTopics(
  image: MetadataImage,
  wanted: readonly WantedTopic[],
  rules: TopicRules,
): Amendment<readonly (CreatedTopic | Refusal)[]> {
  const changes: MetadataChange[] = []
  const names = new TakenNames(image)
  let partitionCount = countPartitions(image)
  const outcome = wanted.map((topic): CreatedTopic | Refusal => {
    const refusal = nameRefusal(image, topic.name, names)
    if (refusal !== undefined) return refusal
    const placed = placeTopic(image, topic, { rules, partitionCount })
    if ('error' in placed) return placed
    const topicId = rules.newTopicId()
    const configs = new Map(topic.configs.map(({ name, value }) => [name, value ?? '']))
    changes.push({ type: 'TopicRecord', name: topic.name, topicId })
    for (const [name, value] of configs) {
      changes.push({
        type: 'ConfigRecord',
        resourceType: RESOURCE_TYPE.TOPIC,
        resourceName: topic.name,
        name,
        value,
      })
    }
    for (const [index, replicas] of placed.replicas.entries()) {
      changes.push(newPartition(topicId, index, replicas))
    }
    names.take(topic.name)
    partitionCount += placed.replicas.length
    return {
      error: 'NONE',
      topicId,
      numPartitions: placed.replicas.length,
      replicationFactor: placed.replicas[0]?.length ?? 0,
      configs,
    }
  })
  return { outcome, changes }
}

function nameRefusal(image: MetadataImage, name: string, names: TakenNames): Refusal | undefined {
  const problem = topicNameProblem(name)
  if (problem !== undefined) {
    return { error: 'INVALID_TOPIC_EXCEPTION', message: `Not a topic name: ${problem}.` }
  }
  if (name === '__cluster_metadata') {
    return {
      error: 'INVALID_TOPIC_EXCEPTION',
      message: 'The metadata log is no topic to be created.',
    }
  }
  if (image.topics.byName.has(name)) {
    return { error: 'TOPIC_ALREADY_EXISTS', message: `The topic ${name} exists already.` }
  }
  const colliding = names.collidingWith(name)
  if (colliding === undefined) return undefined
  return {
    error: 'INVALID_TOPIC_EXCEPTION',
    message: `The name ${name} differs only in "." and "_" from ${colliding}.`,
  }
}

function placeTopic(
  image: MetadataImage,
  topic: WantedTopic,
  { rules, partitionCount }: { readonly rules: TopicRules; readonly partitionCount: number },
): { readonly replicas: readonly (readonly number[])[] } | Refusal {
  const { settings } = rules
  const shape = topic.assignments.length > 0 ? assignedShape(topic) : countedShape(topic, settings)
  if ('error' in shape) return shape
  const tooMany = partitionCountProblem(
    { ofTopic: shape.count, inAll: partitionCount + shape.count },
    settings,
  )
  if (tooMany !== undefined) return tooMany
  const message = topicConfigsProblem(topic.configs)
  if (message !== undefined) return { error: 'INVALID_CONFIG', message }
  if (shape.replicas !== undefined) {
    return assignmentProblem(image, shape.replicas, undefined) ?? { replicas: shape.replicas }
  }
  const { count, replicationFactor } = shape
  const replicas = placePartitions(image, {
    count,
    replicationFactor,
    first: image.topics.byId.size,
  })
  return 'error' in replicas ? replicas : { replicas }
}

interface Shape {
  readonly count: number
  readonly replicationFactor: number
  readonly replicas?: readonly (readonly number[])[]
}

function countedShape(topic: WantedTopic, settings: BrokerSettings): Shape | Refusal {
  const { numPartitions, replicationFactor } = topic
  if (numPartitions === 0 || numPartitions < -1) {
    return {
      error: 'INVALID_PARTITIONS',
      message: `${numPartitions} is not a number of partitions; expected at least 1, or -1 for the default.`,
    }
  }
  if (replicationFactor === 0 || replicationFactor < -1) {
    return {
      error: 'INVALID_REPLICATION_FACTOR',
      message: `${replicationFactor} is not a replication factor; expected at least 1, or -1 for the default.`,
    }
  }
  return {
    count: numPartitions === -1 ? settings.int('num.partitions') : numPartitions,
    replicationFactor:
      replicationFactor === -1 ? settings.int('default.replication.factor') : replicationFactor,
  }
}

function assignedShape(topic: WantedTopic): Shape | Refusal {
  const { numPartitions, replicationFactor } = topic
  if (numPartitions !== -1 || replicationFactor !== -1) {
    return {
      error: 'INVALID_REQUEST',
      message:
        'With replicas assigned by hand, the number of partitions and the replication factor must be -1.',
    }
  }
  const sorted = topic.assignments.toSorted((a, b) => a.partitionIndex - b.partitionIndex)
  if (sorted.some(({ partitionIndex }, index) => partitionIndex !== index)) {
    return {
      error: 'INVALID_REPLICA_ASSIGNMENT',
      message: 'The partitions assigned by hand are not numbered from 0 without gaps, each once.',
    }
  }
  const replicas = sorted.map(({ brokerIds }) => brokerIds)
  return { count: replicas.length, replicationFactor: replicas[0]?.length ?? 0, replicas }
}
