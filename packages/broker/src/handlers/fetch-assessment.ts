/** What a fetch would get at this moment: per partition an error, a divergence, or how many bytes can be read. */
import type { ErrorName } from '@varve/protocol'
import type { TopicImage } from '../metadata/image.ts'
import type { FetchPosition, SessionPartition } from '../purgatory/fetch-session.ts'
import type { Partition } from '../replication/partition.ts'
import type { RequestContext } from './handler.ts'
import {
  type Addressing,
  leaderEpochError,
  ledPartition,
  topicOf,
  unknownTopic,
} from './topic-address.ts'

/** What a fetch says about all its partitions. */
export interface FetchTerms {
  readonly addressing: Addressing
  readonly minBytes: number
  readonly maxBytes: number
  readonly upTo: 'high watermark' | 'last stable offset'
  /** The error that every partition gets, if the request came as a replica. */
  readonly replicaError: ErrorName | undefined
}

export interface AssessedPartition {
  readonly position: FetchPosition
  readonly entry: SessionPartition | undefined
  readonly topic: TopicImage | undefined
  /** There unless `error` is, and sometimes beside it. */
  readonly partition: Partition | undefined
  readonly error: ErrorName | undefined
  /** KIP-595: the client's log and this one part after this epoch and offset. */
  readonly diverging: { readonly epoch: number; readonly endOffset: number } | undefined
  readonly availableBytes: number
}

export class FetchAssessment {
  readonly entries: AssessedPartition[] = []
  readonly #terms: FetchTerms
  readonly #context: RequestContext
  #availableBytes = 0
  #hasNews = false
  #topicName = ''
  #topic: TopicImage | undefined
  #topicError: ErrorName | undefined

  constructor(terms: FetchTerms, context: RequestContext) {
    this.#terms = terms
    this.#context = context
  }

  /** Whether the answer is due: enough bytes, or something that the client has to know at once. */
  get answersNow(): boolean {
    return this.#hasNews || this.missingBytes <= 0
  }

  get missingBytes(): number {
    return this.#terms.minBytes - this.#availableBytes
  }

  add(position: FetchPosition, entry: SessionPartition | undefined): AssessedPartition {
    const assessed = this.#assess(position, entry)
    this.entries.push(assessed)
    this.#availableBytes += Math.min(assessed.availableBytes, Math.max(0, position.maxBytes))
    if (assessed.error !== undefined || assessed.diverging !== undefined) this.#hasNews = true
    return assessed
  }

  #assess(position: FetchPosition, entry: SessionPartition | undefined): AssessedPartition {
    this.#lookUp(position.topic)
    const topic = this.#topic
    const failed = (error: ErrorName, partition?: Partition): AssessedPartition => ({
      position,
      entry,
      topic,
      partition,
      error,
      diverging: undefined,
      availableBytes: 0,
    })
    if (this.#topicError !== undefined || topic === undefined) {
      return failed(this.#topicError ?? unknownTopic(this.#terms.addressing))
    }
    const partition = ledPartition(this.#context.broker, topic, position.partition)
    if (typeof partition === 'string') return failed(partition)
    const epochError = leaderEpochError(position.currentLeaderEpoch, partition.leaderEpoch)
    if (epochError !== undefined) return failed(epochError, partition)
    if (partition.isOffline) return failed('KAFKA_STORAGE_ERROR', partition)
    const { fetchOffset } = position
    if (fetchOffset < partition.logStartOffset) return failed('OFFSET_OUT_OF_RANGE', partition)
    const diverging = divergence(position, partition)
    if (diverging === 'unknown') return failed('OFFSET_OUT_OF_RANGE', partition)
    if (diverging !== undefined) {
      return { position, entry, topic, partition, error: undefined, diverging, availableBytes: 0 }
    }
    if (fetchOffset > partition.logEndOffset) return failed('OFFSET_OUT_OF_RANGE', partition)
    const availableBytes = partition.bytesAvailable(fetchOffset, this.#terms.upTo)
    return {
      position,
      entry,
      topic,
      partition,
      error: undefined,
      diverging: undefined,
      availableBytes,
    }
  }

  /** Partitions of one topic mostly come one after another. */
  #lookUp(topicName: string): void {
    if (topicName === this.#topicName && this.#topic !== undefined) return
    this.#topicName = topicName
    this.#topic = topicOf(this.#context.broker, this.#terms.addressing, topicName)
    if (this.#topic === undefined) this.#topicError = unknownTopic(this.#terms.addressing)
    else if (!this.#context.authorize('Read', 'Topic', this.#topic.name))
      this.#topicError = 'TOPIC_AUTHORIZATION_FAILED'
    else this.#topicError = this.#terms.replicaError
  }
}

/** KIP-595: whether the client's last epoch ended elsewhere than it thinks. An epoch after all that the log has seen is unknown to it. */
function divergence(
  { lastFetchedEpoch, fetchOffset }: FetchPosition,
  partition: Partition,
): { readonly epoch: number; readonly endOffset: number } | 'unknown' | undefined {
  if (lastFetchedEpoch < 0) return undefined
  const end = partition.endOffsetForEpoch(lastFetchedEpoch)
  if (end === undefined) return 'unknown'
  const isBehind = end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset
  return isBehind ? { epoch: end.epoch, endOffset: end.endOffset } : undefined
}
