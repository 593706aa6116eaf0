import {
  type ErrorName,
  errorCode,
  ListOffsets,
  type ListOffsetsRequest,
  type ResponseInput,
} from '@varve/protocol'
import type { TopicImage } from '../metadata/image.ts'
import type { Partition } from '../replication/partition.ts'
import { DiskError } from '../world.ts'
import { handler, type RequestContext } from './handler.ts'
import { type AskedPartition, openAsked } from './open-asked.ts'
import { leaderEpochError, ledPartition, topicOf, unknownTopic } from './topic-address.ts'

/** The timestamps that are no times, and the first version that knows each. */
const LATEST = { timestamp: -1, since: 0 }
const EARLIEST = { timestamp: -2, since: 0 }
const MAX_TIMESTAMP = { timestamp: -3, since: 7 }
const EARLIEST_LOCAL = { timestamp: -4, since: 8 }
const LATEST_TIERED = { timestamp: -5, since: 9 }
const EARLIEST_PENDING_UPLOAD = { timestamp: -6, since: 11 }
const MARKERS = [
  LATEST,
  EARLIEST,
  MAX_TIMESTAMP,
  EARLIEST_LOCAL,
  LATEST_TIERED,
  EARLIEST_PENDING_UPLOAD,
]

const CONSUMER = -1

/** Where the records of a time begin, or a log begins or ends. */
export const listOffsets = handler(ListOffsets, ['Describe Topic'], async (request, context) => {
  await openAsked(context.broker, 'names', partitionsOf(request))
  const duplicates = duplicatesOf(request)
  const topics = await Promise.all(
    request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(async asked =>
          duplicates.has(`${name}-${asked.partitionIndex}`)
            ? refused(asked.partitionIndex, 'INVALID_REQUEST')
            : await answerOf({ topic: name, ...asked }, request, context),
        ),
      ),
    })),
  )
  return { topics }
})

type PartitionAnswer = ResponseInput<typeof ListOffsets>['topics'][number]['partitions'][number]

interface Asked {
  readonly topic: string
  readonly partitionIndex: number
  readonly currentLeaderEpoch: number
  readonly timestamp: number
}

interface Found {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

const NOT_FOUND: Found = { offset: -1, timestamp: -1, leaderEpoch: -1 }

function* partitionsOf({ topics }: ListOffsetsRequest): Generator<AskedPartition, void, void> {
  for (const { name: topic, partitions } of topics)
    for (const { partitionIndex: partition } of partitions) yield { topic, partition }
}

function duplicatesOf(request: ListOffsetsRequest): ReadonlySet<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}-${partitionIndex}`
      if (seen.has(key)) twice.add(key)
      seen.add(key)
    }
  }
  return twice
}

function refused(partitionIndex: number, error: ErrorName): PartitionAnswer {
  return { partitionIndex, errorCode: errorCode(error), timestamp: -1, offset: -1, leaderEpoch: -1 }
}

async function answerOf(
  asked: Asked,
  request: ListOffsetsRequest,
  context: RequestContext,
): Promise<PartitionAnswer> {
  const { partitionIndex, timestamp } = asked
  const topic = topicOf(context.broker, 'names', asked.topic)
  const error = refusalOf(asked, topic, context)
  if (topic === undefined || error !== undefined)
    return refused(partitionIndex, error ?? unknownTopic('names'))
  const partition = ledPartition(context.broker, topic, partitionIndex)
  if (typeof partition === 'string') return refused(partitionIndex, partition)
  const epochError = leaderEpochError(asked.currentLeaderEpoch, partition.leaderEpoch)
  if (epochError !== undefined) return refused(partitionIndex, epochError)
  if (partition.isOffline) return refused(partitionIndex, 'KAFKA_STORAGE_ERROR')
  try {
    const found = await find(partition, timestamp, readableEnd(partition, request))
    if (typeof found === 'string') return refused(partitionIndex, found)
    // Versions before 4 have no place for the epoch.
    const leaderEpoch = context.apiVersion < 4 ? -1 : found.leaderEpoch
    return { partitionIndex, errorCode: 0, ...found, leaderEpoch }
  } catch (thrown) {
    if (thrown instanceof DiskError) return refused(partitionIndex, 'KAFKA_STORAGE_ERROR')
    throw thrown
  }
}

function refusalOf(
  { timestamp }: Asked,
  topic: TopicImage | undefined,
  context: RequestContext,
): ErrorName | undefined {
  if (topic === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION'
  if (!context.authorize('Describe', 'Topic', topic.name)) return 'TOPIC_AUTHORIZATION_FAILED'
  if (timestamp >= 0) return undefined
  const marker = MARKERS.find(known => known.timestamp === timestamp)
  return marker === undefined || context.apiVersion < marker.since
    ? 'UNSUPPORTED_VERSION'
    : undefined
}

/** Consumers see what is committed, or with read_committed what is stable; a replica or a debugger sees the log's end. */
function readableEnd(
  partition: Partition,
  { replicaId, isolationLevel }: ListOffsetsRequest,
): number {
  if (replicaId !== CONSUMER) return partition.logEndOffset
  return isolationLevel === 1 ? partition.lastStableOffset : partition.highWatermark
}

async function find(
  partition: Partition,
  timestamp: number,
  endOffset: number,
): Promise<Found | ErrorName> {
  switch (timestamp) {
    case LATEST.timestamp:
      return { offset: endOffset, timestamp: -1, leaderEpoch: partition.leaderEpoch }
    case EARLIEST.timestamp:
    case EARLIEST_LOCAL.timestamp:
      return {
        offset: partition.logStartOffset,
        timestamp: -1,
        leaderEpoch: partition.leaderEpochOf(partition.logStartOffset),
      }
    case LATEST_TIERED.timestamp:
    case EARLIEST_PENDING_UPLOAD.timestamp:
      // Nothing is tiered.
      return NOT_FOUND
    case MAX_TIMESTAMP.timestamp:
      return bounded(await partition.offsetOfMaxTimestamp(), endOffset)
  }
  return bounded(await partition.offsetForTimestamp(timestamp), endOffset)
}

function bounded(found: Found | ErrorName | undefined, endOffset: number): Found | ErrorName {
  if (typeof found === 'string') return found
  return found === undefined || found.offset >= endOffset ? NOT_FOUND : found
}
