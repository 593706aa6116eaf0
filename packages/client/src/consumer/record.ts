import type { LogRecord, RecordHeader } from '@varve/protocol'
import type { TopicPartition } from './topic-partition.ts'

export type { RecordHeader }

/** One record as the consumer hands it out. Key, value and headers are views, made when they are asked for. */
export class ConsumerRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly #record: LogRecord
  readonly #source: object

  /** `source` is what it was read from: the partition as this consumer owned it then. */
  constructor(source: TopicPartition, record: LogRecord) {
    this.topic = source.topic
    this.partition = source.partition
    this.offset = record.offset
    this.timestamp = record.timestamp
    this.#record = record
    this.#source = source
  }

  /** Whether it was read from this: a partition that was lost and came back is another one. */
  isFrom(source: object): boolean {
    return this.#source === source
  }

  get key(): Buffer | null {
    return this.#record.key
  }

  /** Null is a tombstone in a compacted topic. */
  get value(): Buffer | null {
    return this.#record.value
  }

  get headers(): readonly RecordHeader[] {
    return this.#record.headers
  }
}

/** Consecutive records of one partition, as they arrived. */
export interface ConsumerBatch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly ConsumerRecord[]
  /** The end of the partition when these records were fetched: what is still to come is the difference. */
  readonly highWatermark: number
}
