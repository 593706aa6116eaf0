import { Buffer } from 'node:buffer'
import {
  type ErrorName,
  errorCode,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
} from '@varve/protocol'
import type { TopicImage } from '../../../metadata/image.ts'
import { answer, type TransactionProducer } from '../../runtime/decision.ts'
import type { GroupRequest } from '../caller.ts'
import type { GroupChange } from '../change.ts'
import { aliveTimers } from '../classic/classic-timers.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { offsetRecord } from './offset-records.ts'
import { validateCommit, validateTransactionalCommit } from './validate-commit.ts'

/** An OffsetCommit with its topics looked up. */
export interface CommitRequest {
  readonly groupId: string
  readonly memberId: string
  readonly instanceId: string | null
  readonly generationIdOrMemberEpoch: number
  /** How long the offsets are kept, from now on; -1 leaves it to the settings. */
  readonly retentionTimeMs: number
  readonly topics: readonly CommitTopic[]
  /** There for a commit that is part of a transaction: the marker decides whether it counts. */
  readonly producer?: TransactionProducer
}

/** What is committed in one topic. */
export interface CommitTopic {
  /** As the request has them; the answer says them again. */
  readonly name: string
  readonly topicId: string
  /** The topic that is meant, or why nothing can be committed in it. */
  readonly topic: TopicImage | ErrorName
  readonly partitions: OffsetCommitRequest['topics'][number]['partitions']
}

export type AskedCommit = GroupRequest<CommitRequest, OffsetCommitResponse>

/** What a string of a record may come to, in bytes. */
const STRING_BYTES_MAX = 32_767
/** Lengths, numbers and ids of a committed offset and the record around it. */
const RECORD_BYTES = 70

/**
 * Decides an OffsetCommit: all that the group and its topics take, as one batch. Whoever names a partition twice commits what comes last
 * (G2). One that is larger than a batch of the offsets topic may be is refused whole, as with Kafka. The commit of a classic member
 * counts as its heartbeat.
 */
export function commitOffsets(
  state: GroupShardState,
  asked: AskedCommit,
  moment: GroupMoment,
): GroupDecision {
  const { request, apiVersion, ticket } = asked
  if (!request.topics.some(hasPartition)) return refused(asked, 'NONE')
  const error = refusal(state, request, apiVersion)
  if (error !== 'NONE') return refused(asked, error)
  const batch = new CommitBatch(request, moment)
  const topics = request.topics.map(topic => batch.take(topic))
  if (batch.sizeBytes > moment.rules.maxRecordBytes) return refused(asked, 'UNKNOWN_SERVER_ERROR')
  const answers = [answer(ticket, { throttleTimeMs: 0, topics })]
  const { producer } = request
  if (producer !== undefined)
    return { changes: withinTransaction(batch.changes, producer), producer, answers }
  return { changes: batch.changes, answers, timers: heard(state, request, moment) }
}

function withinTransaction(
  changes: readonly GroupChange[],
  { producerId }: TransactionProducer,
): GroupChange[] {
  return changes.map(change =>
    change.type === 'record'
      ? { type: 'transactional-record', producerId, record: change.record }
      : change,
  )
}

/** What each partition is answered when `error` stands for those that could have been committed. */
export function refusedCommit(request: CommitRequest, error: ErrorName): OffsetCommitResponse {
  const topics = request.topics.map(topic => ({
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: errorCode(partitionError(topic.topic, partitionIndex) ?? error),
    })),
  }))
  return { throttleTimeMs: 0, topics }
}

function refused({ request, ticket }: AskedCommit, error: ErrorName): GroupDecision {
  return { answers: [answer(ticket, refusedCommit(request, error))] }
}

function hasPartition({ topic, partitions }: CommitTopic): boolean {
  if (typeof topic === 'string') return false
  return partitions.some(
    ({ partitionIndex }) => partitionError(topic, partitionIndex) === undefined,
  )
}

function partitionError(
  topic: TopicImage | ErrorName,
  partitionIndex: number,
): ErrorName | undefined {
  if (typeof topic === 'string') return topic
  return topic.partitions[partitionIndex] === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : undefined
}

function refusal(state: GroupShardState, request: CommitRequest, apiVersion: number): ErrorName {
  if (isTooLong(request.groupId)) return 'INVALID_GROUP_ID'
  return request.producer === undefined
    ? validateCommit(state, request, apiVersion)
    : validateTransactionalCommit(state, request)
}

function isTooLong(text: string): boolean {
  return text.length * 3 > STRING_BYTES_MAX && Buffer.byteLength(text) > STRING_BYTES_MAX
}

function heard(state: GroupShardState, request: CommitRequest, { patientMs }: GroupMoment) {
  const group = state.groups.get(request.groupId)
  return group?.kind === 'classic' ? aliveTimers(group, request.memberId, patientMs) : []
}

type CommittedTopic = OffsetCommitResponse['topics'][number]

/** The records of one commit, as they are put together. */
class CommitBatch {
  readonly changes: GroupChange[] = []
  /** What the records may come to. */
  sizeBytes = 0
  readonly #groupId: string
  readonly #commitTimestampMs: number
  readonly #expireTimestampMs: number
  readonly #metadataMax: number
  /** Of one record, without the names in it. */
  readonly #recordBytes: number

  constructor({ groupId, retentionTimeMs }: CommitRequest, { nowMs, rules }: GroupMoment) {
    this.#groupId = groupId
    this.#commitTimestampMs = nowMs
    this.#expireTimestampMs =
      retentionTimeMs === -1
        ? -1
        : Math.min(Math.max(nowMs + retentionTimeMs, 0), Number.MAX_SAFE_INTEGER)
    this.#metadataMax = rules.offsetMetadataMaxBytes
    this.#recordBytes = RECORD_BYTES + Buffer.byteLength(groupId)
  }

  take({ name, topicId, topic, partitions }: CommitTopic): CommittedTopic {
    const taken: { partitionIndex: number; errorCode: number }[] = []
    for (const partition of partitions) {
      const { partitionIndex } = partition
      const error = partitionError(topic, partitionIndex) ?? this.#metadataError(partition)
      if (error === undefined && typeof topic !== 'string') this.#add(topic, partition)
      taken.push({ partitionIndex, errorCode: errorCode(error ?? 'NONE') })
    }
    return { name, topicId, partitions: taken }
  }

  /** The limit is one of characters, as with Kafka, whatever its name says. */
  #metadataError({ committedMetadata }: CommittedPartition): ErrorName | undefined {
    if (committedMetadata === null) return undefined
    const isTooLarge = committedMetadata.length > this.#metadataMax || isTooLong(committedMetadata)
    return isTooLarge ? 'OFFSET_METADATA_TOO_LARGE' : undefined
  }

  #add({ name: topic, topicId }: TopicImage, committed: CommittedPartition): void {
    const { partitionIndex: partition, committedOffset, committedLeaderEpoch } = committed
    const metadata = committed.committedMetadata ?? ''
    this.sizeBytes += this.#recordBytes + topic.length + Buffer.byteLength(metadata)
    this.changes.push(
      offsetRecord(
        { groupId: this.#groupId, topic, partition },
        {
          offset: committedOffset,
          leaderEpoch: committedLeaderEpoch,
          metadata,
          commitTimestampMs: this.#commitTimestampMs,
          expireTimestampMs: this.#expireTimestampMs,
          topicId,
        },
      ),
    )
  }
}

type CommittedPartition = CommitTopic['partitions'][number]
