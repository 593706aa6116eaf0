import type { Clock } from '../world.ts'

/** All deadlines of one slice of time share a timer. */
const SLICE_MS = 500

/** Something that gives up when its time is over. */
export interface Expirable {
  /** Kept by the slice that it waits in. */
  deadlineSlot: number
  expire(): void
}

/**
 * The deadlines of one slice of time: what finishes in time takes itself out. An array in which the last one takes the place of
 * the one that leaves, and no `Set`: that moves its entries into a new table again and again, and each old table keeps what was in it,
 * with the whole requests, until the next full collection.
 */
export class DeadlineSlice {
  readonly #waiting: Expirable[] = []

  add(waiting: Expirable): void {
    waiting.deadlineSlot = this.#waiting.length
    this.#waiting.push(waiting)
  }

  /** Takes it out, unless that has happened. */
  delete(waiting: Expirable): void {
    const slot = waiting.deadlineSlot
    if (this.#waiting[slot] !== waiting) return
    const last = this.#waiting.pop() as Expirable
    if (last === waiting) return
    this.#waiting[slot] = last
    last.deadlineSlot = slot
  }

  /** Those that expire may take out others, whose turn never comes then. */
  expire(): void {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop())
      next.expire()
  }
}

/**
 * Deadlines that are nearly always cancelled: one costs a push and a removal, and nothing is allocated for
 * it. It fires up to one slice late, never early.
 */
export class CoarseDeadlines {
  readonly #clock: Clock
  readonly #slices = new Map<number, DeadlineSlice>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `expire` of `waiting` after `delayMs`, unless it deletes itself from the returned slice before. */
  add(delayMs: number, waiting: Expirable): DeadlineSlice {
    const number = Math.floor((this.#clock.monotonic() + Math.max(0, delayMs)) / SLICE_MS) + 1
    const slice = this.#slices.get(number) ?? this.#open(number)
    slice.add(waiting)
    return slice
  }

  #open(number: number): DeadlineSlice {
    const slice = new DeadlineSlice()
    this.#slices.set(number, slice)
    this.#clock.after(number * SLICE_MS - this.#clock.monotonic(), () => this.#expire(number))
    return slice
  }

  #expire(number: number): void {
    const slice = this.#slices.get(number)
    if (slice === undefined) return
    this.#slices.delete(number)
    slice.expire()
  }
}
