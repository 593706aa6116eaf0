/** A key or a value: strings are sent as UTF-8; null is Kafka's null, which in a compacted topic deletes the key. */
export type Field = string | Uint8Array | null

/** A record to be sent. */
export interface ProducerRecord {
  readonly topic: string
  /** Records with one key go to one partition, where they keep their order. */
  readonly key?: Field
  readonly value: Field
  /** A list where order or repetition counts, else an object. */
  readonly headers?: readonly ProducerHeader[] | { readonly [key: string]: Field }
  /** Overrides the partitioner. */
  readonly partition?: number
  /** Milliseconds since 1970. Default: now. */
  readonly timestamp?: number
}

export interface ProducerHeader {
  readonly key: string
  readonly value: Field
}

/** Where a record was written. */
export interface SentRecord {
  readonly topic: string
  readonly partition: number
  /** -1 when it is unknown: with acks 0, or when the broker had dropped its memory of a repeated batch. */
  readonly offset: number
  readonly timestamp: number
}

/** Where consecutive records of a `sendBatch` were written: `recordsCount` records from `baseOffset` on. */
export interface SentRange {
  readonly topic: string
  readonly partition: number
  /** -1 when it is unknown, as in `SentRecord`. */
  readonly baseOffset: number
  readonly recordsCount: number
}

/** A record of a `sendBatch` that was not written: its position in the list, and why. */
export interface FailedRecord {
  readonly index: number
  readonly error: Error
}

/** Some records of a `sendBatch` were not written. */
export class SendBatchError extends Error {
  override readonly name = 'SendBatchError'
  readonly code = 'SEND_INCOMPLETE'
  readonly failed: readonly FailedRecord[]
  readonly sent: readonly SentRange[]

  constructor(failed: readonly FailedRecord[], sent: readonly SentRange[]) {
    const cause = failed[0]?.error
    super(`${failed.length} records were not written, the first because: ${cause?.message}`, {
      cause,
    })
    this.failed = failed
    this.sent = sent
  }
}
