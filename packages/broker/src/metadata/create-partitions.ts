/** Decides which topics grow, and where their new partitions go. */
import type { BrokerSettings } from '../config/broker-settings.ts'
import { isInternalTopic } from '../config/internal-topics.ts'
import type { Amendment } from './amend.ts'
import type { MetadataChange } from './change.ts'
import type { MetadataImage, TopicImage } from './image.ts'
import {
  assignmentProblem,
  countPartitions,
  newPartition,
  partitionCountProblem,
  placePartitions,
  type Refusal,
} from './new-partitions.ts'

export interface WantedPartitions {
  readonly name: string
  /** How many there shall be in all. */
  readonly count: number
  /** The replicas of each new partition; null: wherever there is room. */
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null
}

export type Grown = { readonly error: 'NONE' } | Refusal

/** One outcome for each topic, in order. A topic that is named twice is the caller's to refuse. */
export function createPartitions(
  image: MetadataImage,
  wanted: readonly WantedPartitions[],
  settings: BrokerSettings,
): Amendment<readonly Grown[]> {
  const changes: MetadataChange[] = []
  const existing = countPartitions(image)
  const outcome = wanted.map((growth): Grown => {
    const topic = image.topics.byName.get(growth.name)
    if (topic === undefined) {
      return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `There is no topic ${growth.name}.` }
    }
    if (isInternalTopic(growth.name)) return internalTopicRefusal(growth.name)
    const replicas = place(image, topic, { growth, settings, already: existing + changes.length })
    if ('error' in replicas) return replicas
    const first = topic.partitions.length
    for (const [index, ids] of replicas.entries())
      changes.push(newPartition(topic.topicId, first + index, ids))
    return { error: 'NONE' }
  })
  return { outcome, changes }
}

/** Kafka lets them grow, and its coordinators then look for what they know in the wrong partitions. */
function internalTopicRefusal(name: string): Refusal {
  return {
    error: 'INVALID_TOPIC_EXCEPTION',
    message: `The number of partitions of ${name} says where its coordinator keeps what: it is fixed.`,
  }
}

function place(
  image: MetadataImage,
  topic: TopicImage,
  by: {
    readonly growth: WantedPartitions
    readonly settings: BrokerSettings
    readonly already: number
  },
): readonly (readonly number[])[] | Refusal {
  const { growth, settings, already } = by
  const existing = topic.partitions.length
  if (growth.count <= existing) {
    return {
      error: 'INVALID_PARTITIONS',
      message: `The topic ${topic.name} has ${existing} partitions; ${growth.count} would not be more.`,
    }
  }
  const count = growth.count - existing
  const tooMany = partitionCountProblem({ ofTopic: growth.count, inAll: already + count }, settings)
  if (tooMany !== undefined) return tooMany
  const replicationFactor = topic.partitions[0]?.replicas.length ?? 1
  if (growth.assignments === null) {
    return placePartitions(image, { count, replicationFactor, first: existing })
  }
  if (growth.assignments.length !== count) {
    return {
      error: 'INVALID_REPLICA_ASSIGNMENT',
      message: `There are ${count} new partitions, but replicas for ${growth.assignments.length}.`,
    }
  }
  const replicas = growth.assignments.map(({ brokerIds }) => brokerIds)
  return assignmentProblem(image, replicas, replicationFactor) ?? replicas
}
