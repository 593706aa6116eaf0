import { assert } from '../assert.ts'
import type { LogObserver } from './append.ts'
import type { PendingBatch } from './pending-write.ts'
import { UncountedWrites } from './uncounted-writes.ts'

/**
 * How far a log has come: what is written can be read, what counts may be committed, what is synced needs no journal. Each end moves
 * forward only, and what counts was written (L2).
 */
export class LogProgress {
  readonly #observer: LogObserver
  readonly #uncounted = new UncountedWrites()
  #writtenEnd: number
  #ackableEnd: number
  #syncedEnd: number

  /** A log as it was loaded: all of it counts, and is synced. */
  constructor(endOffset: number, observer: LogObserver) {
    this.#observer = observer
    this.#writtenEnd = endOffset
    this.#ackableEnd = endOffset
    this.#syncedEnd = endOffset
  }

  /** Everything below was written to a segment, and can be read. */
  get writtenEnd(): number {
    return this.#writtenEnd
  }

  /** What this replica may be counted for: its durable end in durable mode, its written end in relaxed mode. */
  get ackableEnd(): number {
    return this.#ackableEnd
  }

  /** Everything below lies in synced segments. */
  get syncedEnd(): number {
    return this.#syncedEnd
  }

  /** One turn wrote `batches`, `sizeBytes` in all, up to `endOffset`. */
  written(batches: readonly PendingBatch[], endOffset: number, sizeBytes: number): void {
    this.#writtenEnd = endOffset
    this.#uncounted.add(batches, endOffset, sizeBytes)
  }

  /** Everything below `offset` counts, and the observer hears of it. */
  countUpTo(offset: number): void {
    if (offset <= this.#ackableEnd) return
    assert(offset <= this.#writtenEnd, 'L2: what counts was written.')
    const addedBytes = this.#uncounted.countUpTo(offset)
    this.#ackableEnd = offset
    this.#observer.ackableUpTo(offset, addedBytes)
  }

  /** The segments are synced up to `offset`. */
  synced(offset: number): void {
    assert(offset <= this.#writtenEnd, 'What is synced was written.')
    if (offset > this.#syncedEnd) this.#syncedEnd = offset
  }
}
