import { type FailedRecord, SendBatchError, type SentRange, type SentRecord } from './record.ts'

/** What the broker said of a whole batch. */
export interface BatchAcknowledgement {
  readonly topic: string
  readonly partition: number
  readonly baseOffset: number
  /** The one timestamp of all records where the log's time counts, else -1. */
  readonly logAppendTimeMs: number
}

/** The place of a record in its batch. One object serves all records of a batch in turn. */
export interface RecordPlace {
  readonly index: number
  readonly tag: number
  readonly timestamp: number
}

/**
 * Who waits for a record: the promise of a `send`, or all of a `sendBatch`. Hundreds of thousands of records may be under way,
 * so that what each keeps alive counts: of a promise it is only the function that resolves it.
 */
export type Delivery = GroupDelivery | ResolveSend

/** Resolves the promise of one `send`; with a rejected promise, it rejects. */
export type ResolveSend = (sent: SentRecord | Promise<never>) => void

/** Tells who waits for a record that it was written. */
export function deliver(delivery: Delivery, batch: BatchAcknowledgement, at: RecordPlace): void {
  if (typeof delivery !== 'function') {
    delivery.acknowledged(batch, at)
    return
  }
  delivery({
    topic: batch.topic,
    partition: batch.partition,
    offset: batch.baseOffset < 0 ? -1 : batch.baseOffset + at.index,
    timestamp: batch.logAppendTimeMs >= 0 ? batch.logAppendTimeMs : at.timestamp,
  })
}

/** Tells who waits for a record that it was given up. `tag` is what came with the record. */
export function failDelivery(delivery: Delivery, error: Error, tag: number): void {
  if (typeof delivery === 'function') delivery(Promise.reject(error))
  else delivery.failed(error, tag)
}

interface GrowingRange extends SentRange {
  recordsCount: number
}

/** The one promise of a `sendBatch`: settled when the last of its records is. */
export class GroupDelivery {
  readonly #resolve: (ranges: readonly SentRange[]) => void
  readonly #reject: (error: Error) => void
  readonly #ranges: GrowingRange[] = []
  readonly #failures: FailedRecord[] = []
  #remaining: number
  #batch: BatchAcknowledgement | undefined
  #nextIndex = -1

  constructor(
    recordsCount: number,
    resolve: (ranges: readonly SentRange[]) => void,
    reject: (error: Error) => void,
  ) {
    this.#remaining = recordsCount
    this.#resolve = resolve
    this.#reject = reject
  }

  acknowledged(batch: BatchAcknowledgement, at: RecordPlace): void {
    const range = this.#ranges.at(-1)
    if (range !== undefined && batch === this.#batch && at.index === this.#nextIndex) {
      range.recordsCount += 1
    } else {
      const { topic, partition } = batch
      const baseOffset = batch.baseOffset < 0 ? -1 : batch.baseOffset + at.index
      this.#ranges.push({ topic, partition, baseOffset, recordsCount: 1 })
    }
    this.#batch = batch
    this.#nextIndex = at.index + 1
    this.#settled()
  }

  failed(error: Error, tag: number): void {
    this.#failures.push({ index: tag, error })
    this.#settled()
  }

  #settled(): void {
    this.#remaining -= 1
    if (this.#remaining > 0) return
    if (this.#failures.length === 0) this.#resolve(this.#ranges)
    else this.#reject(new SendBatchError(this.#failures, this.#ranges))
  }
}
