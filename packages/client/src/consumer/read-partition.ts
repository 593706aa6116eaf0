import type { FetchedRecords } from './fetched-records.ts'
import { InHand } from './in-hand.ts'
import type { StartPosition } from './options.ts'
import type { TopicPartition } from './topic-partition.ts'

/** A partition that cannot be read for this long is reported, and again after each further stretch. */
const REPORT_AFTER_MS = 5000

/** What the consumer keeps for one partition. */
export class ReadPartition implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** Which topic the offsets are of: one that is created again under the same name is another. Undefined while it is not known. */
  topicId: string | undefined
  /** A position that is not an offset yet, and has to be looked up; undefined once it is. */
  target: Exclude<StartPosition, number> | undefined
  /** The offset to fetch next. Ahead of `position` by what is fetched and not yet taken. */
  fetchOffset = -1
  /** Fetched, oldest first. */
  readonly fetched: FetchedRecords[] = []
  isPaused = false
  /** Nothing of it is handed out: a hook is not done with it yet, or it is being given up. */
  isHeld = false
  /** The offset that its group committed is being looked up. */
  awaitsOffset = false
  /** What was handed out and is not handled yet. */
  inHand = new InHand()
  /** What its group has committed of it; -1: nothing. */
  committedOffset = -1
  readonly #end = new AbortController()
  /** Where to stop; undefined while it is not known, infinite without an end. */
  endOffset: number | undefined
  /** Changes with every move, so that answers to what was asked before are recognised and dropped. */
  generation = 0
  /** Where a fetch beside the session found nothing: it is not repeated until the position moves or the session takes over. */
  emptyAt: number | undefined
  #fetchingGeneration: number | undefined
  /** A look-up for it is under way. */
  isAsking = false
  /** Not to be asked for before this, on the monotonic clock. */
  retryAt = 0
  failures = 0
  /** The leader epoch of the record before `fetchOffset`; -1: unknown. */
  lastEpoch = -1
  /** The leader epoch that `fetchOffset` was found to be good under. */
  validatedEpoch = -1
  /** Where to read instead of at the leader (KIP-392), until this moment. */
  preferred: { readonly brokerId: number; readonly until: number } | undefined
  /** What the reader has to be told before anything else. */
  failure: Error | undefined
  #position = -1
  #troubleSince: number | undefined
  #reportedAt = 0

  constructor(of: TopicPartition, target: StartPosition) {
    this.topic = of.topic
    this.partition = of.partition
    this.moveTo(target)
  }

  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  /** The offset of the next record to hand out, -1 while it is not known. */
  get position(): number {
    return this.fetched[0]?.position ?? this.#position
  }

  /** The offset that may be committed: everything before it is handled. -1 while it is not known. */
  get handledOffset(): number {
    if (this.awaitsOffset || this.target !== undefined) return -1
    return Math.max(this.inHand.firstOffset ?? this.position, this.inHand.committedUpTo)
  }

  /** Whether records of it may be handed out and fetched. */
  get isReadable(): boolean {
    return !this.isPaused && !this.isHeld && !this.awaitsOffset
  }

  /** Aborted when it belongs to others. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** It belongs to others: whatever was handed out of it no longer counts. */
  end(): void {
    this.generation += 1
    this.isHeld = true
    this.fetched.length = 0
    this.#end.abort()
  }

  /** Whether its position, or where to stop, has to be looked up. */
  get isUnresolved(): boolean {
    return this.target !== undefined || this.endOffset === undefined
  }

  /** Whether everything up to `endOffset` was handed out. */
  get isAtEnd(): boolean {
    return (
      this.target === undefined && this.endOffset !== undefined && this.position >= this.endOffset
    )
  }

  /** Whether what comes next is being fetched. A fetch from before a move does not count: its answer will be dropped. */
  get isBeingFetched(): boolean {
    return this.#fetchingGeneration === this.generation
  }

  /** A fetch of it goes out. */
  asked(): void {
    this.#fetchingGeneration = this.generation
    this.emptyAt = undefined
  }

  /** A fetch of it, sent when it was of this generation, is over. */
  answered(generation: number): void {
    if (this.#fetchingGeneration === generation) this.#fetchingGeneration = undefined
  }

  /** Goes to another position; what was fetched is dropped. */
  moveTo(target: StartPosition): void {
    this.generation += 1
    this.fetched.length = 0
    this.inHand = new InHand()
    this.awaitsOffset = false
    this.failure = undefined
    this.retryAt = 0
    this.failures = 0
    this.lastEpoch = -1
    this.preferred = undefined
    this.emptyAt = undefined
    if (typeof target === 'number') this.resolve(target)
    else this.target = target
  }

  /** The position is this offset. */
  resolve(offset: number): void {
    this.target = undefined
    this.fetchOffset = offset
    this.#position = offset
    this.worked()
  }

  /** Keeps what a fetch brought. */
  add(records: FetchedRecords): void {
    this.fetched.push(records)
    this.fetchOffset = records.nextOffset
    if (records.lastLeaderEpoch >= 0) this.lastEpoch = records.lastLeaderEpoch
  }

  /** The oldest of what was fetched is used up. */
  finishFetched(): void {
    const records = this.fetched.shift()
    if (records !== undefined) this.#position = Math.max(records.position, this.#position)
  }

  /** What was fetched cannot be used: it will be fetched again from the position on. What is in hand stays so. */
  dropFetched(): void {
    this.#position = this.position
    this.fetchOffset = this.#position
    this.fetched.length = 0
    this.lastEpoch = -1
    this.generation += 1
  }

  worked(): void {
    this.failures = 0
    this.#troubleSince = undefined
  }

  /** Notes that it cannot be read now; gives for how long that has been so when it is time to report it. */
  troubled(now: number): number | undefined {
    this.#troubleSince ??= now
    const forMs = now - this.#troubleSince
    if (forMs < REPORT_AFTER_MS || now - this.#reportedAt < REPORT_AFTER_MS) return undefined
    this.#reportedAt = now
    return forMs
  }
}
