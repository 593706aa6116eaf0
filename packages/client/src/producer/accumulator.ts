import type { ClusterImage } from '../cluster/image.ts'
import { asError, ProtocolError, TimeoutError } from '../errors.ts'
import { badOption } from '../options.ts'
import type { Platform } from '../platform.ts'
import { type BatchRecord, ProducerBatch } from './batch.ts'
import { type Delivery, failDelivery, GroupDelivery } from './delivery.ts'
import type { ProducerSettings } from './options.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { TopicPartitioner } from './partitioner.ts'
import type { Field, ProducerHeader, ProducerRecord, SentRange } from './record.ts'
import { TopicQueue, type WaitingRecord } from './topic-queue.ts'

/** What a record costs beside its key and value, generously: lengths, deltas, its place among the deliveries. */
const RECORD_OVERHEAD_BYTES = 64
const NO_HEADERS: readonly ProducerHeader[] = []

/** Who is told what happens in an accumulator. */
export interface AccumulatorListener {
  /** A topic came up that has to be looked up. */
  onUnknownTopic(topic: string): void
  /** A partition got a batch, or a batch of it became full. */
  onBatch(queue: PartitionQueue, batch: 'opened' | 'full'): void
}

/**
 * Gathers records into batches by partition, within the memory that the producer may take. What does not fit waits in order
 * of arrival, and while anything waits, everything that comes later waits behind it.
 */
export class Accumulator {
  readonly #settings: ProducerSettings
  readonly #platform: Platform
  readonly #listener: AccumulatorListener
  readonly #topics = new Map<string, TopicQueue>()
  readonly #batches = new Set<ProducerBatch>()
  #waiting: WaitingRecord[] = []
  #waitingFrom = 0
  #bufferedBytes = 0
  #nextNumber = 0
  #roomPromise: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  /** The record that goes straight into a batch; one object serves all of them in turn. */
  readonly #next: { -readonly [name in keyof WaitingRecord]: WaitingRecord[name] } = {
    record: { topic: '', value: null },
    delivery: () => {},
    tag: 0,
    number: 0,
    sizeBytes: 0,
    deadline: 0,
  }
  /** Copied from by the builder at once, so one serves all records. */
  readonly #scratch: BatchRecord = { key: null, value: null, headers: NO_HEADERS, timestamp: 0 }

  constructor(parts: {
    settings: ProducerSettings
    platform: Platform
    listener: AccumulatorListener
  }) {
    this.#settings = parts.settings
    this.#platform = parts.platform
    this.#listener = parts.listener
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  get hasRoom(): boolean {
    return this.#bufferedBytes < this.#settings.bufferMemoryBytes && !this.#hasWaiting
  }

  /** The number that the next record gets. */
  get nextNumber(): number {
    return this.#nextNumber
  }

  get #hasWaiting(): boolean {
    return this.#waitingFrom < this.#waiting.length
  }

  /** Resolves when records can be taken without waiting. */
  room(): Promise<void> {
    if (this.hasRoom) return Promise.resolve()
    if (this.#roomPromise === undefined) {
      let resolve = () => {}
      const promise = new Promise<void>(done => {
        resolve = done
      })
      this.#roomPromise = { promise, resolve }
    }
    return this.#roomPromise.promise
  }

  /** Takes a record. A bad one fails at once. */
  add(record: ProducerRecord, delivery: Delivery, tag: number): void {
    const number = this.#nextNumber
    this.#nextNumber += 1
    try {
      const sizeBytes = recordBytes(record)
      const topic = this.#topics.get(record.topic)
      if (topic?.image !== undefined && this.hasRoom) {
        const next = this.#next
        next.record = record
        next.delivery = delivery
        next.tag = tag
        next.number = number
        next.sizeBytes = sizeBytes
        this.#append(topic, next)
        return
      }
      const deadline = this.#platform.clock.monotonic() + this.#settings.deliveryTimeoutMs
      const waiting = { record, delivery, tag, number, sizeBytes, deadline }
      if (this.hasRoom) this.#admit(waiting)
      else this.#waiting.push(waiting)
    } catch (error) {
      failDelivery(delivery, asError(error), tag)
    }
  }

  /** Takes many records at once, of which the caller hears as of one; they are tagged by their places. Throws when it is no array. */
  addAll(
    records: readonly ProducerRecord[],
    resolve: (ranges: readonly SentRange[]) => void,
    reject: (error: Error) => void,
  ): void {
    // What a caller without types gives: it would never be settled.
    if (!Array.isArray(records)) {
      const expected = 'an array of records, each with its topic'
      throw badOption({ name: 'records', value: records, expected })
    }
    if (records.length === 0) {
      resolve([])
      return
    }
    const delivery = new GroupDelivery(records.length, resolve, reject)
    for (let index = 0; index < records.length; index += 1) {
      this.add(records[index] as ProducerRecord, delivery, index)
    }
  }

  /** A topic was looked up, or looked up again: what waited for it goes into batches. */
  topicsKnown(image: ClusterImage): void {
    for (const topic of this.#topics.values()) {
      const known = image.topics.get(topic.name)
      if (known === undefined || known.error !== undefined || known.partitions.length === 0)
        continue
      topic.image = known
      if (topic.waiting.length === 0) continue
      const waiting = topic.waiting
      topic.waiting = []
      for (const record of waiting) this.#appendWaiting(topic, record)
    }
    // A record that could not be appended has given its room back.
    this.#admitWaiting()
  }

  /** A topic cannot be looked up: what waits for it fails. */
  topicFailed(name: string, error: Error): void {
    const topic = this.#topics.get(name)
    if (topic === undefined) return
    const waiting = topic.waiting
    topic.waiting = []
    for (const record of waiting) {
      this.#bufferedBytes -= record.sizeBytes
      failDelivery(record.delivery, error, record.tag)
    }
    this.#admitWaiting()
  }

  isWaitingFor(topic: string): boolean {
    return (this.#topics.get(topic)?.waiting.length ?? 0) > 0
  }

  /** A batch is done with, whichever way; its memory is free for what waits. */
  release(batch: ProducerBatch): void {
    this.#batches.delete(batch)
    this.#bufferedBytes -= batch.reservedBytes
    this.#admitWaiting()
  }

  /** A batch became several. */
  replaced(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    this.#batches.delete(batch)
    for (const part of parts) this.#batches.add(part)
  }

  /** The lowest number of a record that is not settled yet; what `flush` compares with. */
  lowestUnsettled(): number {
    let lowest = this.#waiting[this.#waitingFrom]?.number ?? Number.POSITIVE_INFINITY
    for (const { firstNumber } of this.#batches) lowest = Math.min(lowest, firstNumber)
    for (const { waiting } of this.#topics.values())
      lowest = Math.min(lowest, waiting[0]?.number ?? lowest)
    return lowest
  }

  /** The earliest deadline of all that is not settled. */
  earliestDeadline(): number {
    let earliest = this.#waiting[this.#waitingFrom]?.deadline ?? Number.POSITIVE_INFINITY
    for (const batch of this.#batches)
      if (!batch.isSettled) earliest = Math.min(earliest, batch.deadline)
    for (const { waiting } of this.#topics.values())
      earliest = Math.min(earliest, waiting[0]?.deadline ?? earliest)
    return earliest
  }

  /** Fails the records that are not in a batch yet and whose time is up. */
  expireWaiting(now: number): void {
    const { deliveryTimeoutMs } = this.#settings
    const isLate = ({ deadline }: WaitingRecord) => deadline <= now
    for (const topic of this.#topics.values()) {
      const late = topic.waiting.filter(isLate)
      if (late.length === 0) continue
      topic.waiting = topic.waiting.filter(record => !isLate(record))
      for (const record of late) {
        this.#bufferedBytes -= record.sizeBytes
        const about = `topic ${topic.name} was not known within ${deliveryTimeoutMs} ms`
        failDelivery(record.delivery, new TimeoutError(about), record.tag)
      }
    }
    while (this.#hasWaiting && isLate(this.#waiting[this.#waitingFrom] as WaitingRecord)) {
      const record = this.#takeWaiting()
      const about = `the producer's memory had no room within ${deliveryTimeoutMs} ms`
      failDelivery(record.delivery, new TimeoutError(about), record.tag)
    }
  }

  /** Fails all records that are not in a batch yet. */
  failWaiting(error: Error): void {
    // Those that wait for room come first: what fails before them would make room, and let them in.
    while (this.#hasWaiting) {
      const record = this.#takeWaiting()
      failDelivery(record.delivery, error, record.tag)
    }
    for (const name of this.#topics.keys()) this.topicFailed(name, error)
  }

  #admit(waiting: WaitingRecord): void {
    let topic = this.#topics.get(waiting.record.topic)
    if (topic === undefined) topic = this.#newTopic(waiting.record.topic)
    if (topic.image !== undefined) {
      this.#append(topic, waiting)
      return
    }
    this.#bufferedBytes += waiting.sizeBytes
    topic.waiting.push(waiting)
    if (topic.waiting.length === 1) this.#listener.onUnknownTopic(topic.name)
  }

  #newTopic(name: string): TopicQueue {
    if (typeof name !== 'string' || name === '') {
      throw badOption({ name: 'topic', value: name, expected: 'the name of a topic' })
    }
    const { partitioner, batchSizeBytes: stickyBytes } = this.#settings
    const { random } = this.#platform
    const topic = new TopicQueue(name, new TopicPartitioner({ partitioner, stickyBytes, random }))
    this.#topics.set(name, topic)
    return topic
  }

  #appendWaiting(topic: TopicQueue, waiting: WaitingRecord): void {
    this.#bufferedBytes -= waiting.sizeBytes
    try {
      this.#append(topic, waiting)
    } catch (error) {
      failDelivery(waiting.delivery, asError(error), waiting.tag)
    }
  }

  #append(topic: TopicQueue, waiting: WaitingRecord): void {
    const { record, sizeBytes } = waiting
    const image = topic.image
    if (image === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${topic.name}`)
    const scratch = this.#scratch
    scratch.key = record.key ?? null
    scratch.value = record.value
    scratch.headers = headerList(record.headers)
    scratch.timestamp = timestampOf(record, this.#platform)
    const queue = topic.partition(topic.partitioner.choose(record, image, sizeBytes))
    const batch = this.#batchFor(queue, waiting)
    batch.append(scratch, waiting.delivery, waiting.tag)
    batch.reservedBytes += sizeBytes
    this.#bufferedBytes += sizeBytes
    if (batch.sizeBytes >= this.#settings.batchSizeBytes) {
      queue.close()
      this.#listener.onBatch(queue, 'full')
    }
  }

  #batchFor(queue: PartitionQueue, { number, sizeBytes }: WaitingRecord): ProducerBatch {
    const { batchSizeBytes, deliveryTimeoutMs } = this.#settings
    // A character takes at most three bytes, and the estimate counts one for it.
    const atMostBytes = sizeBytes * 3
    if (queue.open?.hasRoomFor(this.#scratch, atMostBytes, batchSizeBytes)) return queue.open
    if (queue.open !== undefined) {
      queue.close()
      this.#listener.onBatch(queue, 'full')
    }
    const createdAt = this.#platform.clock.monotonic()
    const { topic, partition } = queue
    const deadline = createdAt + deliveryTimeoutMs
    const batch = new ProducerBatch({ topic, partition, createdAt, deadline, firstNumber: number })
    this.#batches.add(batch)
    queue.open = batch
    this.#listener.onBatch(queue, 'opened')
    return batch
  }

  #admitWaiting(): void {
    while (this.#hasWaiting && this.#bufferedBytes < this.#settings.bufferMemoryBytes) {
      const waiting = this.#takeWaiting()
      try {
        this.#admit(waiting)
      } catch (error) {
        failDelivery(waiting.delivery, asError(error), waiting.tag)
      }
    }
    if (this.#roomPromise === undefined || !this.hasRoom) return
    this.#roomPromise.resolve()
    this.#roomPromise = undefined
  }

  /** A queue as an array with a moving front: shifting each record of a long one would move all the others. */
  #takeWaiting(): WaitingRecord {
    const waiting = this.#waiting[this.#waitingFrom] as WaitingRecord
    this.#waitingFrom += 1
    if (this.#waitingFrom > 1024 && this.#waitingFrom * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom)
      this.#waitingFrom = 0
    }
    return waiting
  }
}

function recordBytes(record: ProducerRecord): number {
  let sizeBytes = RECORD_OVERHEAD_BYTES + fieldLength('value', record.value)
  if (record.key !== undefined) sizeBytes += fieldLength('key', record.key)
  if (record.headers === undefined) return sizeBytes
  for (const { key, value } of headerList(record.headers)) {
    sizeBytes += key.length + fieldLength(`header ${key}`, value) + 10
  }
  return sizeBytes
}

function fieldLength(name: string, field: Field): number {
  if (field === null) return 0
  if (typeof field === 'string' || field instanceof Uint8Array) return field.length
  throw badOption({ name, value: field, expected: 'a string, a Buffer, a Uint8Array or null' })
}

function headerList(headers: ProducerRecord['headers']): readonly ProducerHeader[] {
  if (headers === undefined) return NO_HEADERS
  if (Array.isArray(headers)) return headers as readonly ProducerHeader[]
  return Object.entries(headers).map(([key, value]) => ({ key, value: value as Field }))
}

function timestampOf({ timestamp }: ProducerRecord, platform: Platform): number {
  if (timestamp === undefined) return platform.clock.now()
  if (Number.isSafeInteger(timestamp) && timestamp >= 0) return timestamp
  throw badOption({ name: 'timestamp', value: timestamp, expected: 'milliseconds since 1970' })
}
