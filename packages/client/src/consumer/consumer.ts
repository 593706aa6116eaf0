import { callOf } from '../cluster/ask.ts'
import { Cluster } from '../cluster/cluster.ts'
import { listOffsets } from '../cluster/offsets.ts'
import type { ListedOffset } from '../cluster/outcome.ts'
import { asError, ClosedError, ConfigError } from '../errors.ts'
import type { ClientSettings } from '../settings.ts'
import { Fetcher } from './fetcher.ts'
import {
  type ConsumerOptions,
  type ConsumerSettings,
  consumerSettings,
  type SeekPosition,
  startPosition,
  type TopicPartition,
} from './options.ts'
import { ReadPartition } from './read-partition.ts'
import { type ConsumerBatch, ConsumerRecord } from './record.ts'

/** The most records that `batches()` hands out at once. */
const BATCH_RECORDS_MAX = 5000

/**
 * Reads records of partitions that it was told to read; the order of each partition is kept. It is an async iterable: leaving the
 * loop keeps the position, another loop goes on from there.
 *
 * What cannot be read is never passed over in silence: errors that retrying may cure are retried and, after five seconds,
 * reported to the log; all others are thrown from the loop.
 *
 * @example
 * ```ts
 * await using consumer = varve.consumer({ topics: ['orders'], startAt: 'earliest' })
 * for await (const record of consumer) {
 *   console.log(record.partition, record.offset, String(record.key), String(record.value))
 * }
 * ```
 */
export class Consumer implements AsyncIterable<ConsumerRecord> {
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings
  readonly #fetcher: Fetcher
  #starting: Promise<void> | undefined
  #isStarted = false
  #current: ReadPartition | undefined
  #turn = 0
  #changed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  #isClosed = false

  /** Made by `varve.consumer()`. */
  constructor(settings: ClientSettings, options: ConsumerOptions) {
    this.#settings = consumerSettings(options)
    const missingTopics = this.#settings.allowAutoTopicCreation ? 'create' : 'report'
    this.#cluster = new Cluster(settings, { missingTopics })
    const onChange = () => this.#wake()
    this.#fetcher = new Fetcher({ cluster: this.#cluster, settings: this.#settings, onChange })
    this.#settings.signal?.addEventListener('abort', onChange, { once: true })
  }

  /** The records one by one. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord> {
    return this.#iterator(() => this.#nextRecord())
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
    return this.#iterator(() => this.#nextBatch())
  }

  /** The partitions that are read; looks them up first if need be. */
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
      await this.#nextChange()
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
    this.#wake()
  }

  /** Where the partitions end now: the offset of the next record to be written, or what is committed of it. */
  endOffsets(): Promise<ListedOffset[]> {
    return this.#offsets('latest')
  }

  /** Where the partitions begin now. */
  beginningOffsets(): Promise<ListedOffset[]> {
    return this.#offsets('earliest')
  }

  /** Ends the loops and the connections. */
  close(): Promise<void> {
    this.#isClosed = true
    this.#fetcher.close()
    this.#cluster.close()
    this.#wake()
    return Promise.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #iterator<T>(next: () => T | undefined): AsyncIterableIterator<T> {
    const iterator: AsyncIterableIterator<T> = {
      [Symbol.asyncIterator]: () => iterator,
      next: () => {
        if (!this.#isStarted || this.#isClosed || this.#settings.signal?.aborted)
          return this.#wait(next)
        try {
          const value = next()
          return value === undefined ? this.#wait(next) : Promise.resolve({ value, done: false })
        } catch (error) {
          return Promise.reject(asError(error))
        }
      },
      return: () => Promise.resolve({ value: undefined, done: true }),
    }
    return iterator
  }

  async #wait<T>(next: () => T | undefined): Promise<IteratorResult<T>> {
    if (!this.#isClosed) await this.#start()
    for (;;) {
      if (this.#isClosed) return { value: undefined, done: true }
      this.#settings.signal?.throwIfAborted()
      const value = next()
      if (value !== undefined) return { value, done: false }
      if (this.#fetcher.partitions.every(({ isAtEnd }) => isAtEnd))
        return { value: undefined, done: true }
      await this.#nextChange()
    }
  }

  #nextRecord(): ConsumerRecord | undefined {
    for (;;) {
      const partition = this.#choose()
      if (partition === undefined) return undefined
      const record = this.#take(partition)
      if (record !== undefined) return record
    }
  }

  #nextBatch(): ConsumerBatch | undefined {
    for (;;) {
      const partition = this.#choose()
      if (partition === undefined) return undefined
      const { topic, partition: number } = partition
      const highWatermark = partition.fetched[0]?.highWatermark ?? -1
      const records: ConsumerRecord[] = []
      while (records.length < BATCH_RECORDS_MAX) {
        const record = this.#take(partition)
        if (record === undefined) break
        records.push(record)
      }
      if (records.length > 0) return { topic, partition: number, records, highWatermark }
    }
  }

  /** The partition to take from: the current one until its portion is used up, then the others in turn. */
  #choose(): ReadPartition | undefined {
    const current = this.#current
    if (
      current !== undefined &&
      current.fetched.length > 0 &&
      !current.isPaused &&
      current.failure === undefined
    ) {
      return current
    }
    const { partitions } = this.#fetcher
    for (let tried = 0; tried < partitions.length; tried += 1) {
      this.#turn = (this.#turn + 1) % partitions.length
      const partition = partitions[this.#turn] as ReadPartition
      if (partition.isPaused) continue
      if (partition.fetched.length > 0) {
        this.#current = partition
        return partition
      }
      this.#throwFailure(partition)
    }
    return undefined
  }

  /** Takes the next record of the oldest portion; undefined when that is used up. */
  #take(partition: ReadPartition): ConsumerRecord | undefined {
    try {
      const record = partition.fetched[0]?.take()
      if (record !== undefined)
        return new ConsumerRecord(partition.topic, partition.partition, record)
    } catch (error) {
      this.#fetcher.move(partition, () => partition.dropFetched())
      throw error
    }
    this.#current = undefined
    this.#fetcher.finishFetched(partition)
    return undefined
  }

  /** Throws what stands in the way of a partition. It is tried again afterwards, for a reader that goes on all the same. */
  #throwFailure(partition: ReadPartition): void {
    const { failure } = partition
    if (failure === undefined) return
    partition.failure = undefined
    partition.retryAt =
      this.#cluster.settings.platform.clock.monotonic() + this.#cluster.settings.retryBackoff.maxMs
    this.#fetcher.pump()
    throw failure
  }

  #start(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new ClosedError('the consumer is closed'))
    this.#starting ??= this.#begin().catch((error: unknown) => {
      this.#starting = undefined
      throw asError(error)
    })
    return this.#starting
  }

  async #begin(): Promise<void> {
    const { topics, assignments, signal } = this.#settings
    const names = new Set([...topics, ...assignments.map(({ topic }) => topic)])
    for (const name of names) this.#cluster.track(name)
    const known = await Promise.all(
      [...names].map(name => this.#cluster.topic(name, signal === undefined ? {} : { signal })),
    )
    for (const { topic, partition, offset } of assignments) {
      const count = known.find(({ name }) => name === topic)?.partitions.length ?? 0
      if (partition >= count) {
        throw new ConfigError(
          `assignments: topic ${topic} has ${count} partitions; there is no partition ${partition}`,
        )
      }
      this.#add({ topic, partition }, offset ?? this.#settings.startAt)
    }
    this.#addPartitions(this.#settings.startAt)
    this.#cluster.onImage(() => this.#addPartitions('earliest'))
    this.#isStarted = true
    this.#fetcher.pump()
  }

  /** Adds the partitions of `topics` that are not read yet. Ones that appear later are new, so nothing of them is missed. */
  #addPartitions(startAt: ConsumerSettings['startAt']): void {
    for (const topic of this.#settings.topics) {
      const image = this.#cluster.image.topics.get(topic)
      for (const { partition } of image?.partitions ?? []) {
        const isRead = this.#fetcher.partitions.some(
          read => read.topic === topic && read.partition === partition,
        )
        if (!isRead) this.#add({ topic, partition }, startAt)
      }
    }
  }

  #add(at: TopicPartition, startAt: ConsumerSettings['startAt']): void {
    const { autoOffsetReset, stopAtEnd } = this.#settings
    if (startAt === undefined && autoOffsetReset === 'none') {
      throw new ConfigError(
        `autoOffsetReset is none and ${at.topic}-${at.partition} has no offset to begin at`,
      )
    }
    const partition = new ReadPartition(at, startAt ?? (autoOffsetReset as 'earliest' | 'latest'))
    if (!stopAtEnd) partition.endOffset = Number.POSITIVE_INFINITY
    this.#fetcher.add(partition)
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

  async #offsets(at: 'earliest' | 'latest'): Promise<ListedOffset[]> {
    const queries = (await this.assignment()).map(partition => ({ ...partition, at }))
    const { signal, isolationLevel } = this.#settings
    const call = callOf(
      this.#cluster,
      signal === undefined ? {} : { signal },
      this.#cluster.settings.apiTimeoutMs,
    )
    return listOffsets(call, queries, isolationLevel)
  }

  #nextChange(): Promise<void> {
    if (this.#changed === undefined) {
      let resolve = () => {}
      const promise = new Promise<void>(done => {
        resolve = done
      })
      this.#changed = { promise, resolve }
    }
    return this.#changed.promise
  }

  #wake(): void {
    this.#changed?.resolve()
    this.#changed = undefined
  }
}
