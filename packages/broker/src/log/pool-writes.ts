import type { DirtyLog } from './dirty-log.ts'

/** A write that took longer was held up: the system makes who writes wait while the disk does not keep up. Less comes from a busy processor, too. */
const SLOW_MS = 40
/** So long after a slow write the next one is expected to be slow, too: twice as long each time that this comes true soon after, up to the most. */
const SLOW_FOR_MS = 500
const SLOW_FOR_MS_MAX = 10_000
/** The pool's other threads are for syncs and reads. */
const AT_ONCE_MAX = 4

/**
 * Which writes are for the thread pool: large ones, whose copy into the page cache it makes beside the event loop, and all of them for a while
 * after one that has held the loop up. It says, too, which logs are being written by it: one write of a log at a time, and a few logs at once.
 */
export class PoolWrites {
  readonly #largeBytes: number
  readonly #logs = new Set<DirtyLog>()
  #slowForMs = SLOW_FOR_MS
  #slowUntilMs = Number.NEGATIVE_INFINITY

  /** Writes of `largeBytes` and more are for the pool whatever the disk does. */
  constructor(largeBytes: number) {
    this.#largeBytes = largeBytes
  }

  get count(): number {
    return this.#logs.size
  }

  get isFull(): boolean {
    return this.#logs.size >= AT_ONCE_MAX
  }

  /** Whether a write of so many bytes would hold up who waits for it. */
  isFor(sizeBytes: number, nowMs: number): boolean {
    return sizeBytes >= this.#largeBytes || (nowMs < this.#slowUntilMs && sizeBytes > 0)
  }

  /** A write has held the event loop up from `sinceMs` to `nowMs`. How long the pool takes says less: other work of the loop is in it. */
  heldUp(sinceMs: number, nowMs: number): void {
    if (nowMs - sinceMs <= SLOW_MS) return
    const isAgain = nowMs - this.#slowUntilMs < this.#slowForMs
    this.#slowForMs = isAgain ? Math.min(2 * this.#slowForMs, SLOW_FOR_MS_MAX) : SLOW_FOR_MS
    this.#slowUntilMs = nowMs + this.#slowForMs
  }

  has(log: DirtyLog): boolean {
    return this.#logs.has(log)
  }

  begin(log: DirtyLog): void {
    this.#logs.add(log)
  }

  /** Says whether anybody still wants to know: not when it was forgotten meanwhile. */
  end(log: DirtyLog): boolean {
    return this.#logs.delete(log)
  }

  forget(log: DirtyLog): void {
    this.#logs.delete(log)
  }

  forgetAll(): void {
    this.#logs.clear()
  }
}
