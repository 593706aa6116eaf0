import {
  type ErrorName,
  errorCode,
  Produce,
  type ProduceRequest,
  type ResponseInput,
} from '@varve/protocol'
import { isInternalTopic } from '../config/internal-topics.ts'
import type { Verification } from '../log/verifications.ts'
import type { TopicImage } from '../metadata/image.ts'
import type { DeadlineSlice, Expirable } from '../purgatory/coarse-deadlines.ts'
import type { BatchRefusal, Partition } from '../replication/partition.ts'
import { type CurrentLeader, currentLeader, nodeEndpoints } from './current-leader.ts'
import { handler, LATER, type RequestContext } from './handler.ts'
import { type Unverified, verificationFor, verifyAll } from './produce-verification.ts'
import { type Addressing, ledPartition, topicOf, unknownTopic } from './topic-address.ts'

/** Versions from here on address topics by id (KIP-516). */
const TOPIC_IDS_SINCE = 13
/** KIP-110: older clients are not expected to know the codec. */
const ZSTD_SINCE = 7
const ZSTD = 4
const COMPRESSION_MASK = 7
const TRANSACTIONAL_BIT = 0x10
/** The low byte of a batch's attributes. */
const ATTRIBUTES_POSITION = 22
/** KIP-951: versions from here on have a place for the leader and its address. */
const CURRENT_LEADER_SINCE = 10
/** Clients that ask for no waiting at all still get the time that one sync takes: with Kafka a lone broker answers them too. */
const TIMEOUT_MIN_MS = 1000
/** Deadlines are kept until they would pass, also of requests that were answered: nobody may leave them behind for weeks. */
const TIMEOUT_MAX_MS = 600_000

/**
 * Appends in the order of arrival, all within this call but for batches that begin a transaction in their partition; the answer leaves
 * when every partition's records are committed. The same holds for acks=1: an acknowledged record is durable.
 */
export const produce = handler(
  Produce,
  ['Write Topic', 'Write TransactionalId'],
  (request, context) => {
    const answer = new ProduceAnswer(request, context)
    answer.appendAll(request.topicData)
    return answer.outcome()
  },
)

type TopicAnswer = { name: string; topicId: string; partitionResponses: PartitionAnswer[] }

interface PartitionAnswer {
  readonly index: number
  errorCode: number
  baseOffset: number
  logAppendTimeMs: number
  logStartOffset: number
  recordErrors: readonly {
    readonly batchIndex: number
    readonly batchIndexErrorMessage: string | null
  }[]
  errorMessage: string | null
  currentLeader: CurrentLeader | undefined
  /** Appended, and not committed yet. */
  isWaiting: boolean
}

/** A batch on its way into its partition. */
interface Appending {
  readonly topic: TopicImage
  readonly answer: PartitionAnswer
  readonly partition: Partition
  readonly verification: Verification | 'off' | undefined
}

const NO_RECORD_ERRORS: PartitionAnswer['recordErrors'] = []

const unanswered = (index: number): PartitionAnswer => ({
  index,
  errorCode: 0,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  recordErrors: NO_RECORD_ERRORS,
  errorMessage: null,
  currentLeader: undefined,
  isWaiting: false,
})

/** What becomes of one request. It lives until the last commit, so it keeps nothing of the frame, which may be large. */
class ProduceAnswer implements Expirable {
  readonly #acks: number
  readonly #timeoutMs: number
  readonly #transactionalId: string | null
  readonly #context: RequestContext
  readonly #addressing: Addressing
  #topics: readonly TopicAnswer[] = []
  #leaders: CurrentLeader[] | undefined
  #unverified: Unverified[] | undefined
  #waitingCount = 0
  #firstError: ErrorName | undefined
  /** There once the handler has returned and the answer comes later. */
  #deadline: DeadlineSlice | undefined
  deadlineSlot = -1
  #isAnswered = false
  /** With acks=0: the request counts as being in flight until its records are committed. */
  #isAnsweredLater = false

  constructor(request: ProduceRequest, context: RequestContext) {
    this.#acks = request.acks
    this.#timeoutMs = request.timeoutMs
    this.#transactionalId = request.transactionalId
    this.#context = context
    this.#addressing = context.apiVersion >= TOPIC_IDS_SINCE ? 'ids' : 'names'
  }

  /** The arrays are made by `map`, in their size: one that grows by `push` begins with room for seventeen. */
  appendAll(topicData: ProduceRequest['topicData']): void {
    const refusal = this.#refusal()
    this.#topics = topicData.map(({ name, topicId, partitionData }) => {
      const topic = topicOf(
        this.#context.broker,
        this.#addressing,
        this.#addressing === 'ids' ? topicId : name,
      )
      const error = refusal ?? this.#topicError(topic)
      const partitionResponses = partitionData.map(({ index, records }) => {
        const answer = unanswered(index)
        if (error !== undefined || topic === undefined)
          this.#fail(answer, error ?? unknownTopic(this.#addressing), topic)
        else this.#append(topic, answer, records)
        return answer
      })
      return { name, topicId, partitionResponses }
    })
    const unverified = this.#unverified
    this.#unverified = undefined
    if (unverified !== undefined && this.#transactionalId !== null)
      verifyAll(unverified, this.#transactionalId, this.#context)
  }

  /** What the handler returns: the answer, nothing for acks=0, or the promise to answer later. */
  outcome(): ResponseInput<typeof Produce> | typeof LATER | undefined {
    if (this.#acks === 0) {
      this.#closeIfFailed()
      if (this.#firstError !== undefined || this.#waitingCount === 0) return undefined
      this.#isAnsweredLater = true
      return LATER
    }
    if (this.#waitingCount === 0) return this.#response()
    const timeoutMs = Math.min(Math.max(TIMEOUT_MIN_MS, this.#timeoutMs), TIMEOUT_MAX_MS)
    this.#deadline = this.#context.broker.purgatory.deadline(timeoutMs, this)
    return LATER
  }

  /** Nobody reads the answer to acks=0, so the client can learn of a failure only by losing its connection. */
  #closeIfFailed(): void {
    if (this.#firstError !== undefined)
      this.#context.closeConnection(`a produce with acks=0 failed: ${this.#firstError}`)
  }

  #refusal(): ErrorName | undefined {
    const acks = this.#acks
    const transactionalId = this.#transactionalId
    if (
      transactionalId !== null &&
      !this.#context.authorize('Write', 'TransactionalId', transactionalId)
    ) {
      return 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
    }
    return acks === -1 || acks === 0 || acks === 1 ? undefined : 'INVALID_REQUIRED_ACKS'
  }

  #topicError(topic: TopicImage | undefined): ErrorName | undefined {
    if (topic === undefined) {
      // Whether a name exists is told only to those who may write to it.
      return unknownTopic(this.#addressing)
    }
    if (!this.#context.authorize('Write', 'Topic', topic.name)) return 'TOPIC_AUTHORIZATION_FAILED'
    // What coordinators keep is theirs alone to write.
    return isInternalTopic(topic.name) ? 'INVALID_TOPIC_EXCEPTION' : undefined
  }

  #append(topic: TopicImage, answer: PartitionAnswer, records: Uint8Array | null): void {
    const { broker } = this.#context
    const partition = ledPartition(broker, topic, answer.index)
    if (typeof partition === 'string') {
      this.#fail(answer, partition, topic)
      return
    }
    const error = records === null ? 'INVALID_RECORD' : this.#recordsError(records)
    if (records === null || error !== undefined) {
      this.#fail(answer, error ?? 'INVALID_RECORD', topic)
      return
    }
    const isTransactional = ((records[ATTRIBUTES_POSITION] ?? 0) & TRANSACTIONAL_BIT) !== 0
    const verification = isTransactional
      ? verificationFor(partition, records, this.#context)
      : undefined
    const appending = { topic, answer, partition, verification }
    if (verification === undefined || verification === 'off') this.#appendTo(appending, records)
    else this.#waitFor(verification, appending, records)
  }

  /** The batch is appended when the coordinator of its transaction has agreed, unless the client was told already that it took too long. */
  #waitFor(verification: Verification, appending: Appending, records: Uint8Array): void {
    const { answer, topic, partition } = appending
    // The bytes of the request are gone by the time of the answer.
    const own = new Uint8Array(records)
    this.#waitingCount++
    answer.isWaiting = true
    const verified = (error: ErrorName): void => {
      if (this.#isAnswered) return
      this.#waitingCount--
      answer.isWaiting = false
      if (error === 'NONE') this.#appendTo(appending, own)
      else this.#fail(answer, error, topic)
      this.#answerIfDone()
    }
    this.#unverified ??= []
    this.#unverified.push({ partition, verification, verified })
  }

  #appendTo({ topic, answer, partition, verification }: Appending, records: Uint8Array): void {
    const now = this.#context.broker.world.clock.now()
    const appended = partition.append(records, { now, verification })
    if ('error' in appended) {
      this.#refuse(answer, appended, topic)
      return
    }
    answer.baseOffset = appended.baseOffset
    answer.logAppendTimeMs = appended.logAppendTimeMs
    answer.logStartOffset = appended.logStartOffset
    // Nobody waits for an answer, so what the disk does not keep up with counts as being in flight: that holds the connection up in time.
    if (this.#acks === 0 && !partition.isBehind) return
    this.#waitingCount++
    answer.isWaiting = true
    partition.whenCommitted(appended.lastOffset + 1, error => this.#committed(answer, error))
  }

  #refuse(answer: PartitionAnswer, refusal: BatchRefusal, topic: TopicImage): void {
    answer.errorMessage = refusal.message
    if (refusal.recordErrors !== undefined) {
      answer.recordErrors = refusal.recordErrors.map(({ batchIndex, message }) => ({
        batchIndex,
        batchIndexErrorMessage: message,
      }))
    }
    this.#fail(answer, refusal.error, topic)
  }

  /** What the version and the request's transactional id say about the batch; the partition checks the rest. */
  #recordsError(records: Uint8Array): ErrorName | undefined {
    const attributes = records[ATTRIBUTES_POSITION]
    if (attributes === undefined) return undefined
    const isTransactional = (attributes & TRANSACTIONAL_BIT) !== 0
    if (isTransactional && this.#transactionalId === null) return 'INVALID_RECORD'
    const isZstd = (attributes & COMPRESSION_MASK) === ZSTD
    return isZstd && this.#context.apiVersion < ZSTD_SINCE
      ? 'UNSUPPORTED_COMPRESSION_TYPE'
      : undefined
  }

  #fail(answer: PartitionAnswer, error: ErrorName, topic: TopicImage | undefined): void {
    answer.errorCode = errorCode(error)
    answer.baseOffset = -1
    this.#firstError ??= error
    if (this.#context.apiVersion < CURRENT_LEADER_SINCE) return
    const leader = currentLeader(error, topic, answer.index)
    if (leader === undefined) return
    answer.currentLeader = leader
    this.#leaders ??= []
    this.#leaders.push(leader)
  }

  #committed(answer: PartitionAnswer, error: ErrorName): void {
    if (this.#isAnswered) return
    this.#waitingCount--
    answer.isWaiting = false
    if (error !== 'NONE') this.#fail(answer, error, undefined)
    this.#answerIfDone()
  }

  /** For what has changed after the handler returned. */
  #answerIfDone(): void {
    if (this.#acks === 0) {
      this.#closeIfFailed()
      const isDone = this.#waitingCount === 0 && this.#firstError === undefined
      if (isDone && this.#isAnsweredLater) this.#context.answerNothing()
      return
    }
    if (this.#waitingCount > 0 || this.#deadline === undefined) return
    this.#deadline.delete(this)
    this.#isAnswered = true
    this.#context.answer(this.#response())
  }

  /** The records may still be committed: the answer says only that it took too long. */
  expire(): void {
    this.#isAnswered = true
    for (const { partitionResponses } of this.#topics) {
      for (const answer of partitionResponses) {
        if (answer.isWaiting) answer.errorCode = errorCode('REQUEST_TIMED_OUT')
      }
    }
    this.#context.answer(this.#response())
  }

  #response(): ResponseInput<typeof Produce> {
    if (this.#leaders === undefined) return { responses: this.#topics }
    return { responses: this.#topics, nodeEndpoints: nodeEndpoints(this.#context, this.#leaders) }
  }
}
