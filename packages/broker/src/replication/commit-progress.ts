import type { ErrorName } from '@varve/protocol'
import { assert } from '../assert.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { type Committed, CommitWaiters } from './commit-waiters.ts'

/** What came to be readable at once: up to the high watermark, and up to the last stable offset. */
export interface AddedBytes {
  readonly committedBytes: number
  readonly stableBytes: number
}

/** What of a log says how much of what is committed is stable. */
export type StableLog = Pick<PartitionLog, 'bytesBetween' | 'logStartOffset'> & {
  readonly producers: Pick<PartitionLog['producers'], 'committedUpTo' | 'firstUnstableOffset'>
}

/** How far the records of a log are committed (L2) and stable (T3), and who waits for that or wants to hear of it. */
export class CommitProgress {
  readonly #log: StableLog
  readonly #tell: (added: AddedBytes) => void
  readonly #waiters = new CommitWaiters()
  #highWatermark: number
  /** The last stable offset that was told. */
  #stableOffset: number

  /** Everything below `highWatermark` is committed already. Calls `tell` with every advance. */
  constructor(log: StableLog, highWatermark: number, tell: (added: AddedBytes) => void) {
    this.#log = log
    this.#tell = tell
    this.#highWatermark = highWatermark
    log.producers.committedUpTo(highWatermark)
    this.#stableOffset = this.lastStableOffset
  }

  /** All records below it are committed. It never goes back. */
  get highWatermark(): number {
    return this.#highWatermark
  }

  /** The first transaction that is open, or whose marker is not committed, or the high watermark. Never below the log's start. */
  get lastStableOffset(): number {
    const firstUnstable = this.#log.producers.firstUnstableOffset()
    return firstUnstable === undefined
      ? this.#highWatermark
      : Math.min(Math.max(firstUnstable, this.#log.logStartOffset), this.#highWatermark)
  }

  /** A cluster of one: what its replica may be counted for is committed. */
  advance(offset: number, addedBytes: number): void {
    assert(offset >= this.#highWatermark, 'L2: the high watermark never goes back.')
    const hadAllStable = this.#stableOffset === this.#highWatermark
    this.#highWatermark = offset
    this.#log.producers.committedUpTo(offset)
    const stableBytes = this.#newlyStableBytes(hadAllStable ? addedBytes : undefined)
    this.#waiters.reached(offset)
    this.#tell({ committedBytes: addedBytes, stableBytes })
  }

  /** Calls `done` once the high watermark has reached `nextOffset`, which it has not yet, or will not. */
  wait(nextOffset: number, done: Committed): void {
    this.#waiters.add(nextOffset, done)
  }

  /** Who waits for more than the records below `offset` waits in vain. */
  fail(offset: number, error: ErrorName): void {
    this.#waiters.fail(offset, error)
  }

  /** A transaction may hold back what was committed, and give free with its end what was committed long ago. */
  #newlyStableBytes(allBytes: number | undefined): number {
    const before = this.#stableOffset
    const stable = this.lastStableOffset
    assert(stable >= before, 'T3: the last stable offset never goes back.')
    this.#stableOffset = stable
    if (stable === before) return 0
    if (stable === this.#highWatermark && allBytes !== undefined) return allBytes
    return this.#log.bytesBetween(before, stable)
  }
}
