import type { Clock } from '../../world.ts'

/** How long cleaning holds the event loop before it lets everybody else have a turn. */
const SLICE_MS = 2
/** How far the throttle may be ahead before it waits: shorter pauses cost more than they even out. */
const AHEAD_MS = 20

/** Ends a cleaning that is not wanted any more: the log was deleted or closed, the broker stops. */
export class CleaningStopped extends Error {
  override readonly name = 'CleaningStopped'
}

/** Keeps a cleaning from holding up anybody: it works in slices, not faster than it may, and ends when it is told to. */
export class Pace {
  readonly #clock: Clock
  readonly #bytesPerSecond: () => number
  readonly #isStopped: () => boolean
  #sliceEnd: number
  /** When what was read and written is paid for. */
  #paidUntil: number

  /** Both are asked again and again: a setting may change, a log may be deleted while it is cleaned. */
  constructor(clock: Clock, bytesPerSecond: () => number, isStopped: () => boolean) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
    this.#isStopped = isStopped
    this.#sliceEnd = clock.monotonic() + SLICE_MS
    this.#paidUntil = clock.monotonic()
  }

  /** Whether the slice is over: then `rest`. */
  get isDue(): boolean {
    return this.#clock.monotonic() >= this.#sliceEnd
  }

  /** Gives the loop to others. Throws `CleaningStopped` when there is no reason to go on. */
  async rest(): Promise<void> {
    await new Promise<void>(resolve => this.#clock.endOfTurn(resolve))
    this.#resume()
  }

  /** That many bytes were read or written, and the disk was waited for: waits longer if that was too fast. */
  async spend(bytes: number): Promise<void> {
    const now = this.#clock.monotonic()
    const costMs = (bytes / this.#bytesPerSecond()) * 1000
    this.#paidUntil = Math.max(this.#paidUntil, now - AHEAD_MS) + costMs
    const aheadMs = this.#paidUntil - now
    if (aheadMs > AHEAD_MS)
      await new Promise<void>(resolve => this.#clock.after(aheadMs, () => resolve()))
    this.#resume()
  }

  #resume(): void {
    if (this.#isStopped()) throw new CleaningStopped('The log is not cleaned any more.')
    this.#sliceEnd = this.#clock.monotonic() + SLICE_MS
  }
}
