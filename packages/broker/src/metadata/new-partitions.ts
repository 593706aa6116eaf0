/** Where new partitions go: as somebody asked, or on the brokers there are, the leader of each in turn. */
import type { ErrorName } from '@varve/protocol'
import type { BrokerSettings } from '../config/broker-settings.ts'
import type { PartitionRecord } from './change.ts'
import type { MetadataImage } from './image.ts'

export interface Refusal {
  readonly error: Exclude<ErrorName, 'NONE'>
  readonly message: string
}

/** The replicas of each new partition. `first` turns the brokers, so that leaders spread. */
export function placePartitions(
  image: MetadataImage,
  wanted: { readonly count: number; readonly replicationFactor: number; readonly first: number },
): readonly (readonly number[])[] | Refusal {
  const brokers = [...image.brokers.keys()].sort((a, b) => a - b)
  const { count, replicationFactor, first } = wanted
  if (replicationFactor > brokers.length) {
    return {
      error: 'INVALID_REPLICATION_FACTOR',
      message: `The replication factor ${replicationFactor} cannot be reached because there is ${brokers.length === 1 ? 'only 1 broker' : `only ${brokers.length} brokers`}.`,
    }
  }
  return Array.from({ length: count }, (_, index) =>
    Array.from(
      { length: replicationFactor },
      (_, replica) => brokers[(first + index + replica) % brokers.length] ?? -1,
    ),
  )
}

/** What is wrong with replicas that somebody chose; undefined when nothing is. */
export function assignmentProblem(
  image: MetadataImage,
  assignments: readonly (readonly number[])[],
  replicationFactor: number | undefined,
): Refusal | undefined {
  const size = replicationFactor ?? assignments[0]?.length ?? 0
  for (const replicas of assignments) {
    const message = replicasProblem(image, replicas, size)
    if (message !== undefined) return { error: 'INVALID_REPLICA_ASSIGNMENT', message }
  }
  return undefined
}

function replicasProblem(
  image: MetadataImage,
  replicas: readonly number[],
  size: number,
): string | undefined {
  if (replicas.length === 0) return 'A partition has no replicas.'
  if (replicas.length !== size) {
    return `A partition has ${replicas.length} replicas and another ${size}.`
  }
  if (new Set(replicas).size !== replicas.length)
    return 'A broker is twice among the replicas of a partition.'
  const unknown = replicas.find(brokerId => !image.brokers.has(brokerId))
  return unknown === undefined ? undefined : `There is no broker ${unknown}.`
}

/** The record of a partition that begins its life. */
export function newPartition(
  topicId: string,
  partitionId: number,
  replicas: readonly number[],
): PartitionRecord {
  return {
    type: 'PartitionRecord',
    topicId,
    partitionId,
    replicas,
    isr: replicas,
    leader: replicas[0] ?? -1,
    leaderEpoch: 0,
    partitionEpoch: 0,
  }
}

/** How many partitions all topics have together. */
export function countPartitions(image: MetadataImage): number {
  let count = 0
  for (const topic of image.topics.byId.values()) count += topic.partitions.length
  return count
}

/** Why there may not be so many partitions; undefined when there may. */
export function partitionCountProblem(
  count: { readonly ofTopic: number; readonly inAll: number },
  settings: BrokerSettings,
): Refusal | undefined {
  const ofTopic = settings.int('topic.partitions.max')
  const inAll = settings.int('broker.partitions.max')
  if (count.ofTopic > ofTopic) {
    return {
      error: 'INVALID_PARTITIONS',
      message: `A topic may have at most ${ofTopic} partitions (topic.partitions.max).`,
    }
  }
  if (count.inAll > inAll) {
    return {
      error: 'POLICY_VIOLATION',
      message: `There may be at most ${inAll} partitions in all (broker.partitions.max).`,
    }
  }
  return undefined
}
