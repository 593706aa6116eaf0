/** Reads what a fetch gets and shapes its answer: bytes are passed on as the log holds them. */
import { errorCode, type Fetch, type ResponseInput, ZERO_UUID } from '@varve/protocol'
import type { FetchSession } from '../purgatory/fetch-session.ts'
import { DiskError } from '../world.ts'
import { type CurrentLeader, currentLeader, nodeEndpoints } from './current-leader.ts'
import type { AssessedPartition, FetchAssessment, FetchTerms } from './fetch-assessment.ts'
import type { RequestContext } from './handler.ts'
import { type FetchedRecords, readRecords } from './stable-read.ts'

export interface AnswerTo {
  readonly sessionId: number
  /** KIP-227: the first answer of a session tells everything, the next ones what changed. */
  readonly telling: 'everything' | 'changes'
  readonly session?: FetchSession
}

type Response = ResponseInput<typeof Fetch>
type TopicAnswer = { topic: string; topicId: string; partitions: PartitionAnswer[] }
type PartitionAnswer = NonNullable<Response['responses']>[number]['partitions'][number]

/** KIP-595: versions from here on have a place for the leader. */
const CURRENT_LEADER_SINCE = 12
/** KIP-951: versions from here on have a place for the leader's address. */
const NODE_ENDPOINTS_SINCE = 16

const NOTHING = new Uint8Array(0)

export class FetchAnswer {
  readonly #terms: FetchTerms
  readonly #context: RequestContext
  readonly #to: AnswerTo
  readonly #topics: TopicAnswer[] = []
  #topic: TopicAnswer | undefined
  readonly #leaders: CurrentLeader[] = []

  constructor(terms: FetchTerms, context: RequestContext, to: AnswerTo) {
    this.#terms = terms
    this.#context = context
    this.#to = to
  }

  give({ entries }: FetchAssessment): Response | Promise<Response> {
    const reads = this.#readAll(entries)
    if (reads.some(read => read instanceof Promise)) {
      return settle(reads).then(settled => this.#shape(entries, settled))
    }
    return this.#shape(entries, reads as readonly (FetchedRecords | undefined)[])
  }

  /**
   * Begins all reads. The first partition that has anything gives a whole batch whatever its size (KIP-74); what the
   * others may take shrinks by what is there to be read, so that cold reads need not wait for each other.
   */
  #readAll(
    entries: readonly AssessedPartition[],
  ): (FetchedRecords | Promise<FetchedRecords> | undefined)[] {
    let bytesLeft = this.#terms.maxBytes
    let isFirst = true
    return entries.map(({ partition, position, availableBytes }) => {
      if (partition === undefined || availableBytes <= 0) return undefined
      const maxBytes = Math.min(Math.max(0, position.maxBytes), bytesLeft)
      if (maxBytes === 0 && !isFirst) return undefined
      const read = readRecords(partition, {
        offset: position.fetchOffset,
        maxBytes,
        upTo: this.#terms.upTo,
        firstBatchWhole: isFirst,
      })
      const sizeBytes =
        read instanceof Promise ? Math.min(maxBytes, availableBytes) : read.sizeBytes
      bytesLeft = Math.max(0, bytesLeft - sizeBytes)
      // A read from the disk brings a whole batch if it was to, whatever the limit was.
      if (read instanceof Promise || sizeBytes > 0) isFirst = false
      return read
    })
  }

  #shape(
    entries: readonly AssessedPartition[],
    reads: readonly (FetchedRecords | Error | undefined)[],
  ): Response {
    entries.forEach((assessed, index) => {
      const read = reads[index]
      const release = read instanceof Error ? undefined : read?.release
      if (release !== undefined) this.#context.onSent(release)
      this.#add(assessed, read)
    })
    const response = { sessionId: this.#to.sessionId, responses: this.#topics }
    if (this.#leaders.length === 0 || this.#context.apiVersion < NODE_ENDPOINTS_SINCE)
      return response
    return { ...response, nodeEndpoints: nodeEndpoints(this.#context, this.#leaders) }
  }

  #add(assessed: AssessedPartition, read: FetchedRecords | Error | undefined): void {
    const answer = this.#partitionAnswer(assessed, read)
    if (!this.#isTold(assessed, answer, read)) return
    const { topic } = assessed.position
    const isById = this.#terms.addressing === 'ids'
    if (this.#topic === undefined || (isById ? this.#topic.topicId : this.#topic.topic) !== topic) {
      this.#topic = isById
        ? { topic: '', topicId: topic, partitions: [] }
        : { topic, topicId: ZERO_UUID, partitions: [] }
      this.#topics.push(this.#topic)
    }
    this.#topic.partitions.push(answer)
  }

  #partitionAnswer(
    assessed: AssessedPartition,
    read: FetchedRecords | Error | undefined,
  ): PartitionAnswer {
    const { partition, position, topic, diverging } = assessed
    const error =
      assessed.error ??
      (read instanceof Error ? 'KAFKA_STORAGE_ERROR' : undefined) ??
      (isDeleted(assessed, read) ? 'OFFSET_OUT_OF_RANGE' : undefined)
    const hasLeaderField = this.#context.apiVersion >= CURRENT_LEADER_SINCE
    const leader =
      error === undefined || !hasLeaderField
        ? undefined
        : currentLeader(error, topic, position.partition)
    if (leader !== undefined) this.#leaders.push(leader)
    const isRefused = error !== undefined || partition === undefined
    return {
      partitionIndex: position.partition,
      errorCode: error === undefined ? 0 : errorCode(error),
      highWatermark: isRefused ? -1 : partition.highWatermark,
      lastStableOffset: isRefused ? -1 : partition.lastStableOffset,
      logStartOffset: isRefused ? -1 : partition.logStartOffset,
      abortedTransactions: isRefused ? null : this.#aborted(read),
      records: read === undefined || read instanceof Error ? NOTHING : read.parts,
      ...(diverging === undefined ? {} : { divergingEpoch: diverging }),
      ...(leader === undefined ? {} : { currentLeader: leader }),
    }
  }

  /** Null tells a client that reads everything that there is nothing to leave out. */
  #aborted(read: FetchedRecords | Error | undefined): PartitionAnswer['abortedTransactions'] {
    if (this.#terms.upTo !== 'last stable offset') return null
    const aborted = read instanceof Error ? undefined : read?.aborted
    return aborted?.map(({ producerId, firstOffset }) => ({ producerId, firstOffset })) ?? []
  }

  /** Decides whether the session's answer names the partition, and whether the next answer has to look at it again. */
  #isTold(
    { entry, diverging }: AssessedPartition,
    answer: PartitionAnswer,
    read: FetchedRecords | Error | undefined,
  ): boolean {
    const { session, telling } = this.#to
    if (entry === undefined || session === undefined) return true
    const hasRecords = read !== undefined && !(read instanceof Error) && read.sizeBytes > 0
    const isNews = answer.errorCode !== 0 || diverging !== undefined
    const hasMoved =
      answer.highWatermark !== entry.highWatermark || answer.logStartOffset !== entry.logStartOffset
    entry.highWatermark = answer.highWatermark
    entry.logStartOffset = answer.logStartOffset ?? -1
    // Records may be lost on the way, an error may last, and the limit may have left something: look again. What was
    // answered goes to the end of the queue, what the limit left out keeps its place and gets its turn.
    const isUnfinished = !hasRecords && !isNews && this.#hasBytes(entry, answer)
    if (!isUnfinished) session.changed.delete(entry)
    if (hasRecords || isNews) session.changed.add(entry)
    return telling === 'everything' || hasRecords || isNews || hasMoved
  }

  #hasBytes(
    entry: { readonly position: { readonly fetchOffset: number } },
    answer: PartitionAnswer,
  ): boolean {
    const end =
      this.#terms.upTo === 'last stable offset'
        ? (answer.lastStableOffset ?? -1)
        : answer.highWatermark
    return entry.position.fetchOffset < end
  }
}

/** Whether the log was seen to begin behind the offset while it was to be read. What was read before that is told. */
function isDeleted(
  { partition, position, diverging }: AssessedPartition,
  read: FetchedRecords | Error | undefined,
): boolean {
  const hasRecords = read !== undefined && !(read instanceof Error) && read.sizeBytes > 0
  if (partition === undefined || diverging !== undefined || hasRecords) return false
  return position.fetchOffset < partition.logStartOffset
}

/** Waits for all reads; one that fails costs its partition, not the others. */
function settle(
  reads: readonly (FetchedRecords | Promise<FetchedRecords> | undefined)[],
): Promise<(FetchedRecords | Error | undefined)[]> {
  return Promise.all(
    reads.map(async read => {
      try {
        return await read
      } catch (error) {
        if (error instanceof DiskError) return error
        throw error
      }
    }),
  )
}
