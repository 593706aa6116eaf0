import { ChangeSignal } from '../change-signal.ts'
import { callOf } from '../cluster/ask.ts'
import { Cluster } from '../cluster/cluster.ts'
import { listOffsets } from '../cluster/offsets.ts'
import type { ListedOffset } from '../cluster/outcome.ts'
import { asError, ClosedError, ConfigError, FencedError } from '../errors.ts'
import { allItems, itemsFor } from '../group/commit-items.ts'
import { GroupSession } from '../group/group-session.ts'
import type { ClaimedOffsets, GroupMetadata } from '../group/membership.ts'
import type { CommittedOffset, OffsetToCommit } from '../group/offset-requests.ts'
import { retrying } from '../retry.ts'
import type { ClientSettings } from '../settings.ts'
import { within } from '../within.ts'
import { AssignedPartitions } from './assigned-partitions.ts'
import { Fetcher } from './fetcher.ts'
import type { InHand } from './in-hand.ts'
import { Iteration } from './iteration.ts'
import { lagOf, type PartitionLag } from './lag.ts'
import {
  type ConsumerOptions,
  type ConsumerSettings,
  consumerSettings,
  type SeekPosition,
  startPosition,
} from './options.ts'
import type { ReadPartition } from './read-partition.ts'
import type { ConsumerBatch, ConsumerRecord } from './record.ts'
import { RecordReader } from './record-reader.ts'
import { Run, type Runner } from './run.ts'
import { type RunOptions, runSettings } from './run-options.ts'
import type { TopicPartition } from './topic-partition.ts'

/** How long a loop may go on before everything else gets a turn. */
const TURN_MS = 20

/**
 * Reads records, of partitions that it was told to read or, with a `groupId`, of those that its group gives it; the order of
 * each partition is kept. It is an async iterable: leaving the loop keeps the position, another loop goes on from there.
 *
 * In a group, how far it has come is committed. A record counts as handled when the loop asks for the next one, or when its
 * handler in `run` is done; one that is in hand when the loop is left is read again by whoever comes next, unless the same
 * consumer reads on.
 *
 * What cannot be read is never passed over in silence: errors that retrying may cure are retried and, after five seconds,
 * reported to the log; all others are thrown from the loop.
 *
 * @example
 * ```ts
 * await using consumer = varve.consumer({ groupId: 'billing', topics: ['orders'] })
 * for await (const record of consumer) {
 *   console.log(record.partition, record.offset, String(record.key), String(record.value))
 * }
 * ```
 */
export class Consumer implements AsyncIterable<ConsumerRecord> {
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings
  readonly #fetcher: Fetcher
  readonly #reader: RecordReader
  readonly #group: GroupSession | undefined
  readonly #assigned: AssignedPartitions
  readonly #changed = new ChangeSignal()
  /** Says of what loops that were left had in hand that it is handled. */
  #abandoned: (() => void)[] = []
  #starting: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #isStarted = false
  #isClosed = false
  #waiting = 0
  #asks = 0
  #isTurning = false
  #turnAt = Number.NEGATIVE_INFINITY
  #running: Run | undefined
  readonly #onAbort = () => this.#aborted()

  /** Made by `varve.consumer()`. */
  constructor(settings: ClientSettings, options: ConsumerOptions) {
    this.#settings = consumerSettings(options)
    const missingTopics = this.#settings.allowAutoTopicCreation ? 'create' : 'report'
    this.#cluster = new Cluster(settings, { missingTopics })
    const onChange = () => {
      this.#group?.notePositions()
      this.#changed.fire()
    }
    this.#fetcher = new Fetcher({ cluster: this.#cluster, settings: this.#settings, onChange })
    this.#group = this.#newGroup()
    this.#assigned = new AssignedPartitions({
      cluster: this.#cluster,
      fetcher: this.#fetcher,
      settings: this.#settings,
      load: this.#group === undefined ? undefined : partition => this.#group?.load([partition]),
    })
    this.#reader = new RecordReader({
      fetcher: this.#fetcher,
      mayHandOut: () => this.#mayHandOut(),
      retryAt: () =>
        this.#cluster.settings.platform.clock.monotonic() + settings.retryBackoff.maxMs,
    })
    this.#settings.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The records one by one. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord> {
    return this.#iteration(() => this.#reader.nextRecord())
  }

  /**
   * The records in the portions that they came in, each of one partition: cheaper per record than one by one.
   *
   * @example
   * ```ts
   * for await (const { topic, partition, records } of consumer.batches()) await store(topic, partition, records)
   * ```
   */
  batches(): AsyncIterableIterator<ConsumerBatch> {
    return this.#iteration(() => this.#reader.nextBatch())
  }

  /**
   * Hands the records to a handler, several at once, until the consumer is closed or a handler fails, which is thrown. A
   * record is handled when its handler is done; only what has nothing unhandled before it in its partition is committed.
   *
   * @example
   * ```ts
   * await consumer.run({ concurrency: 16, orderBy: 'key', eachRecord: record => charge(record) })
   * ```
   */
  async run(options: RunOptions): Promise<void> {
    const settings = runSettings(options)
    if (this.#running !== undefined) throw new ConfigError('run: this consumer is running already')
    const run = new Run(this.#runner(), settings)
    this.#running = run
    try {
      await this.#start()
      await run.untilDone()
    } finally {
      this.#running = undefined
    }
  }

  /** The partitions that are read; looks them up first if need be. In a group they change as members come and go. */
  async assignment(): Promise<TopicPartition[]> {
    await this.#start()
    return this.#fetcher.partitions.map(({ topic, partition }) => ({ topic, partition }))
  }

  /** Goes on elsewhere in a partition: an offset, `beginning`, `end`, or the first record at or after a time. */
  async seek(at: TopicPartition, position: SeekPosition): Promise<void> {
    const target = startPosition('position', position)
    const partition = await this.#find(at)
    this.#fetcher.move(partition, () => partition.moveTo(target))
  }

  /** The offset of the next record that a partition will give. */
  async position(at: TopicPartition): Promise<number> {
    const partition = await this.#find(at)
    this.#fetcher.pump()
    while (partition.position < 0 || partition.target !== undefined) {
      if (partition.failure !== undefined) throw partition.failure
      if (partition.ended.aborted)
        throw new FencedError(`${partition.name} does not belong to this consumer any more`)
      this.#check()
      await this.#changed.next()
    }
    return partition.position
  }

  /** Gives no more records of these partitions, of all without an argument, until `resume`. */
  async pause(partitions?: readonly TopicPartition[]): Promise<void> {
    for (const partition of await this.#findAll(partitions)) partition.isPaused = true
  }

  async resume(partitions?: readonly TopicPartition[]): Promise<void> {
    for (const partition of await this.#findAll(partitions)) partition.isPaused = false
    this.#fetcher.pump()
    this.#changed.fire()
  }

  /**
   * Commits to the group: without an argument all that was handed out by now, what is in hand included; else what lies up to
   * and including a record, or offsets of your own choice. Settled when it is durable. Throws `FencedError` when a partition
   * belongs to another consumer by now. What is committed counts as handled: in `run`, do not commit a record while one before
   * it in its partition is still at work; without an argument, `commit` there takes what is handled.
   *
   * @example
   * ```ts
   * for await (const record of consumer) {
   *   await handle(record)
   *   await consumer.commit(record)
   * }
   * ```
   */
  async commit(what?: ConsumerRecord | readonly OffsetToCommit[]): Promise<void> {
    const group = this.#groupOrThrow('commit')
    await this.#start()
    const { partitions } = this.#fetcher
    const which = this.#running === undefined ? 'handed-out' : 'handled'
    const items = what === undefined ? allItems(partitions, which) : itemsFor(partitions, what)
    await group.commit(items, this.#cluster.settings.apiTimeoutMs)
  }

  /**
   * Who this consumer is in its group just now: what a transaction needs to commit offsets as this member (KIP-447). Throws
   * `FencedError` when it is not a member.
   */
  groupMetadata(): GroupMetadata {
    return this.#groupOrThrow('groupMetadata').metadata()
  }

  /**
   * What `transaction.sendOffsets` commits, and as whom: offsets of this consumer's partitions, or what lies up to and including
   * a record. Throws `FencedError` when they belong to another consumer by now.
   */
  claim(what: ConsumerRecord | readonly OffsetToCommit[]): ClaimedOffsets {
    const group = this.#groupOrThrow('claim')
    group.refuseOwnCommits()
    return { groupMetadata: group.metadata(), offsets: itemsFor(this.#fetcher.partitions, what) }
  }

  /** What the group has committed of these partitions, by default of those that are read. An offset of -1: nothing. */
  async committed(partitions?: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    const group = this.#groupOrThrow('committed')
    await this.#start()
    const wanted = partitions ?? this.#fetcher.partitions
    if (wanted.length === 0) return []
    const timeoutMs = this.#cluster.settings.apiTimeoutMs
    const about = 'reading committed offsets'
    return retrying(this.#cluster.settings, { about, timeoutMs }, () => group.committed(wanted))
  }

  /** How much is still to be handled of each partition that is read. */
  async lag(): Promise<PartitionLag[]> {
    await this.#start()
    const partitions = [...this.#fetcher.partitions]
    return lagOf(partitions, await this.#offsets(partitions, 'latest'))
  }

  /** Where the partitions end now: the offset of the next record to be written, or what is committed of it. */
  async endOffsets(): Promise<ListedOffset[]> {
    return this.#offsets(await this.assignment(), 'latest')
  }

  /** Where the partitions begin now. */
  async beginningOffsets(): Promise<ListedOffset[]> {
    return this.#offsets(await this.assignment(), 'earliest')
  }

  /**
   * Ends the loops and `run` after what they have in hand, commits it, leaves the group and closes the connections. It takes
   * `stopTimeoutMs` at most, even when a handler hangs or no broker answers: what is not done by then is read again. In a loop
   * or a handler do not await it, for it waits for what they have in hand: leave the loop, or call it and return.
   */
  close(): Promise<void> {
    this.#closing ??= this.#stop()
    return this.#closing
  }

  /** The same as `close`. */
  stop(): Promise<void> {
    return this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #stop(): Promise<void> {
    this.#changed.fire()
    const { stopTimeoutMs, signal } = this.#settings
    signal?.removeEventListener('abort', this.#onAbort)
    if (this.#isStarted && this.#group !== undefined) await this.#group.stop(stopTimeoutMs)
    else if (this.#running !== undefined) await this.#untilRunIsIdle(this.#running, stopTimeoutMs)
    this.#isClosed = true
    for (const partition of [...this.#fetcher.partitions]) partition.end()
    this.#fetcher.close()
    this.#cluster.close()
    this.#changed.fire()
  }

  async #untilRunIsIdle(run: Run, timeoutMs: number): Promise<void> {
    const { clock } = this.#cluster.settings.platform
    const deadline = clock.monotonic() + timeoutMs
    while (!run.isIdle && clock.monotonic() < deadline)
      await within(clock, deadline - clock.monotonic(), this.#changed.next())
  }

  #aborted(): void {
    this.#changed.fire()
    if (this.#group === undefined) return
    this.close().catch((error: unknown) =>
      this.#cluster.settings.log.warn('the consumer could not be closed in order', { error }),
    )
  }

  /**
   * A loop that never waits for anything outside would keep heartbeats from being sent until everything that was fetched is
   * used up. In a group it lets the others have their turn from time to time.
   */
  #mayHandOut(): boolean {
    if (this.#group === undefined) return true
    if (!this.#group.mayHandOut()) return false
    const { clock } = this.#cluster.settings.platform
    if (clock.monotonic() - this.#turnAt < TURN_MS) return true
    if (this.#isTurning) return false
    this.#isTurning = true
    clock.endOfTurn(() => {
      this.#isTurning = false
      this.#turnAt = clock.monotonic()
      this.#changed.fire()
    })
    return false
  }

  #newGroup(): GroupSession | undefined {
    const { group } = this.#settings
    if (group === undefined) return undefined
    const isWaiting = () => this.#waiting > 0 || this.#running?.isIdle === true
    const asks = () => this.#asks
    return new GroupSession({
      cluster: this.#cluster,
      fetcher: this.#fetcher,
      settings: this.#settings,
      group,
      activity: {
        get isWaiting() {
          return isWaiting()
        },
        get asks() {
          return asks()
        },
      },
      onChange: () => this.#changed.fire(),
      onDoubt: () => this.#reader.recheck(),
    })
  }

  #groupOrThrow(what: string): GroupSession {
    if (this.#group !== undefined) return this.#group
    throw new ConfigError(`${what}: this consumer has no groupId`)
  }

  #iteration<T>(take: () => T | undefined): AsyncIterableIterator<T> {
    const tracks = this.#group !== undefined
    return new Iteration<T>({
      isReady: () =>
        this.#isStarted && this.#closing === undefined && !this.#settings.signal?.aborted,
      take,
      wait: again => this.#wait(again),
      handOut: () => (tracks ? this.#reader.handOut().inHand : undefined),
      firstOffset: () => this.#reader.firstOffset,
      onHandled: (inHand, offset) => this.#handled(inHand, offset),
      onAbandoned: (inHand, offset) => {
        inHand.abandon(offset)
        this.#abandoned.push(() => this.#handled(inHand, offset))
        this.#noteHandled()
      },
      onAsk: () => this.#asked(),
    })
  }

  #asked(): void {
    this.#asks += 1
    if (this.#abandoned.length === 0) return
    const abandoned = this.#abandoned
    this.#abandoned = []
    for (const handled of abandoned) handled()
  }

  #handled(inHand: InHand, offset: number): void {
    inHand.handled(offset)
    this.#noteHandled()
  }

  #noteHandled(): void {
    this.#group?.partitions.noteHandled()
  }

  async #wait<T>(take: () => T | undefined): Promise<T | undefined> {
    if (this.#closing === undefined) await this.#start()
    this.#group?.awake()
    this.#waiting += 1
    try {
      for (;;) {
        if (this.#closing !== undefined && !this.#settings.signal?.aborted) return undefined
        this.#check()
        const value = take()
        if (value !== undefined) return value
        if (this.#isAtEnd()) return undefined
        await this.#changed.next()
        this.#turnAt = this.#cluster.settings.platform.clock.monotonic()
      }
    } finally {
      this.#waiting -= 1
    }
  }

  /** Throws what ended the reading. */
  #check(): void {
    this.#settings.signal?.throwIfAborted()
    if (this.#group?.failure !== undefined) throw this.#group.failure
    if (this.#isClosed) throw new ClosedError('the consumer is closed')
  }

  #isAtEnd(): boolean {
    if (this.#group?.isMember) {
      // Between two assignments there is nothing to read, which is no end.
      if (!this.#settings.stopAtEnd || !this.#group.partitions.wasAssigned) return false
    }
    return this.#fetcher.partitions.every(({ isAtEnd }) => isAtEnd)
  }

  #runner(): Runner {
    return {
      reader: this.#reader,
      changed: this.#changed,
      isClosing: () => this.#closing !== undefined && !this.#settings.signal?.aborted,
      isClosed: () => this.#isClosed,
      isAtEnd: () => this.#isAtEnd(),
      check: () => {
        // With handlers at work, the reader is back when one of them is done.
        if (this.#running?.isIdle) this.#group?.awake()
        this.#check()
      },
      noteHandled: () => {
        this.#asks += 1
        this.#group?.awake()
        this.#noteHandled()
      },
      rewind: () => {
        for (const partition of this.#fetcher.partitions) {
          const { inHand, ended, handledOffset, position } = partition
          if (inHand.firstOffset === undefined || handledOffset < 0 || ended.aborted) continue
          const first = Math.min(handledOffset, position)
          this.#fetcher.move(partition, () => partition.moveTo(first))
        }
      },
    }
  }

  #start(): Promise<void> {
    // While it closes, hooks may still commit and look.
    if (this.#isClosed || (this.#closing !== undefined && !this.#isStarted))
      return Promise.reject(new ClosedError('the consumer is closed'))
    const { signal } = this.#settings
    if (signal?.aborted && !this.#isStarted) return Promise.reject(asError(signal.reason))
    this.#starting ??= this.#begin().catch((error: unknown) => {
      this.#starting = undefined
      throw asError(error)
    })
    return this.#starting
  }

  async #begin(): Promise<void> {
    if (this.#group?.isMember) this.#group.start()
    else await this.#assigned.begin()
    this.#isStarted = true
    this.#fetcher.pump()
  }

  async #find(at: TopicPartition): Promise<ReadPartition> {
    await this.#start()
    const found = this.#fetcher.partitions.find(
      ({ topic, partition }) => topic === at.topic && partition === at.partition,
    )
    if (found === undefined)
      throw new ConfigError(`${at.topic}-${at.partition} is not among the partitions that are read`)
    return found
  }

  async #findAll(
    partitions: readonly TopicPartition[] | undefined,
  ): Promise<readonly ReadPartition[]> {
    await this.#start()
    if (partitions === undefined) return this.#fetcher.partitions
    return Promise.all(partitions.map(partition => this.#find(partition)))
  }

  #offsets(
    partitions: readonly TopicPartition[],
    at: 'earliest' | 'latest',
  ): Promise<ListedOffset[]> {
    const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at }))
    const { signal, isolationLevel } = this.#settings
    const call = callOf(
      this.#cluster,
      signal === undefined ? {} : { signal },
      this.#cluster.settings.apiTimeoutMs,
    )
    return listOffsets(call, queries, isolationLevel)
  }
}
