import {
  BatchBuilder,
  batchesOf,
  type Codecs,
  type CompressionType,
  type Crc32c,
  RecordBatch,
  recordsOf,
} from '@varve/protocol'
import type { Platform } from '../platform.ts'
import { type BatchAcknowledgement, type Delivery, deliver, failDelivery } from './delivery.ts'

/** What the builder takes; one is used for all records of a producer, because the builder copies at once. */
export interface BatchRecord {
  key: string | Uint8Array | null
  value: string | Uint8Array | null
  headers: readonly { readonly key: string; readonly value: string | Uint8Array | null }[]
  timestamp: number
}

/** Who writes a batch, and where it stands in what this producer writes to the partition. */
export interface BatchStamp {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

export const NO_STAMP: BatchStamp = { producerId: -1, producerEpoch: -1, baseSequence: -1 }

export interface SealOptions {
  readonly stamp: BatchStamp
  readonly compression: CompressionType
  readonly level: number | undefined
  readonly isTransactional: boolean
  readonly platform: Pick<Platform, 'codecs' | 'crc32c'>
}

/** Records of one partition that travel, and succeed or fail, together. */
export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly createdAt: number
  /** When its time is up, on the monotonic clock. */
  readonly deadline: number
  /** The number of its first record among all that the producer took: what `flush` waits for. */
  readonly firstNumber: number
  /** What it holds of the producer's memory. */
  reservedBytes = 0
  attempts = 0
  isInFlight = false
  /** Whether an attempt ended so that the broker may have the batch all the same. */
  isInDoubt = false
  #isSettled = false
  stamp = NO_STAMP
  #builder: BatchBuilder | undefined = new BatchBuilder()
  #bytes: Buffer | undefined
  readonly #deliveries: Delivery[] = []
  readonly #tags: number[] = []
  readonly #timestamps: number[] = []

  constructor(
    of: Pick<ProducerBatch, 'topic' | 'partition' | 'createdAt' | 'deadline' | 'firstNumber'>,
  ) {
    this.topic = of.topic
    this.partition = of.partition
    this.createdAt = of.createdAt
    this.deadline = of.deadline
    this.firstNumber = of.firstNumber
  }

  /** Whether its records were acknowledged or failed: after that nothing can change for them. */
  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Whether it is encoded: nothing can be appended any more. */
  get isSealed(): boolean {
    return this.#bytes !== undefined
  }

  get recordsCount(): number {
    return this.#deliveries.length
  }

  /** The size as far as it is known: before sealing, that of the uncompressed records. */
  get sizeBytes(): number {
    return this.#bytes?.length ?? this.#builder?.sizeBytes ?? 0
  }

  /** The bytes to send; the batch must be sealed. */
  get bytes(): Buffer {
    return this.#bytes as Buffer
  }

  /** Whether a record fits; the first one always does. `atMostBytes` bounds its size, so that most need no measuring. */
  hasRoomFor(record: BatchRecord, atMostBytes: number, limitBytes: number): boolean {
    const builder = this.#builder
    if (builder === undefined) return false
    if (builder.sizeBytes + atMostBytes <= limitBytes || this.#deliveries.length === 0) return true
    return builder.sizeBytes + builder.sizeWith(record) <= limitBytes
  }

  append(record: BatchRecord, delivery: Delivery, tag: number): void {
    this.#builder?.append(record)
    this.#deliveries.push(delivery)
    this.#tags.push(tag)
    this.#timestamps.push(record.timestamp)
  }

  /** Encodes the batch; nothing is appended after. */
  seal(options: SealOptions): void {
    const { stamp, compression, level, isTransactional, platform } = options
    const { codecs, crc32c } = platform
    const how = {
      ...stamp,
      compression,
      isTransactional,
      codecs,
      crc32c,
      ...(level !== undefined && { level }),
    }
    this.#bytes = this.#builder?.build(how)
    this.#builder = undefined
    this.stamp = stamp
  }

  /** Gives the batch another place in another producer's sequence. */
  restamp(stamp: BatchStamp, crc32c: Crc32c): void {
    if (this.#bytes !== undefined) new RecordBatch(this.#bytes).setProducer(stamp, crc32c)
    this.stamp = stamp
  }

  acknowledge(baseOffset: number, logAppendTimeMs: number): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const { topic, partition } = this
    const batch: BatchAcknowledgement = { topic, partition, baseOffset, logAppendTimeMs }
    const at = { index: 0, tag: 0, timestamp: 0 }
    for (let index = 0; index < this.#deliveries.length; index += 1) {
      at.index = index
      at.tag = this.#tags[index] as number
      at.timestamp = this.#timestamps[index] as number
      deliver(this.#deliveries[index] as Delivery, batch, at)
    }
  }

  fail(error: Error): void {
    if (this.#isSettled) return
    this.#isSettled = true
    for (let index = 0; index < this.#deliveries.length; index += 1) {
      failDelivery(this.#deliveries[index] as Delivery, error, this.#tags[index] as number)
    }
  }

  /** The two halves of a batch of several records, unsealed: for a broker that found it too large. */
  halves(codecs: Codecs): readonly [ProducerBatch, ProducerBatch] {
    const halves: readonly [ProducerBatch, ProducerBatch] = [
      new ProducerBatch(this),
      new ProducerBatch(this),
    ]
    const firstCount = Math.ceil(this.recordsCount / 2)
    let index = 0
    for (const batch of batchesOf(this.bytes)) {
      for (const { key, value, headers } of recordsOf(batch, codecs)) {
        const timestamp = this.#timestamps[index] as number
        const half = index < firstCount ? halves[0] : halves[1]
        half.append(
          { key, value, headers, timestamp },
          this.#deliveries[index] as Delivery,
          this.#tags[index] as number,
        )
        index += 1
      }
    }
    halves[0].reservedBytes = Math.ceil(this.reservedBytes / 2)
    halves[1].reservedBytes = this.reservedBytes - halves[0].reservedBytes
    halves[0].attempts = this.attempts
    halves[1].attempts = this.attempts
    return halves
  }
}
