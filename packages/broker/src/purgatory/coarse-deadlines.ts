import type { Clock } from '../world.ts'

/** All deadlines of one slice of time share a timer. */
const SLICE_MS = 500

export interface Deadline {
  cancel(): void
}

/**
 * Deadlines that are nearly always cancelled: one costs an insertion into a set and a removal, and no timer of its own. It
 * fires up to one slice late, never early.
 */
export class CoarseDeadlines {
  readonly #clock: Clock
  readonly #slices = new Map<number, Set<Waiting>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(delayMs: number, expire: () => void): Deadline {
    const number = Math.floor((this.#clock.monotonic() + Math.max(0, delayMs)) / SLICE_MS) + 1
    const slice = this.#slices.get(number) ?? this.#open(number)
    const waiting = new Waiting(expire, slice)
    slice.add(waiting)
    return waiting
  }

  #open(number: number): Set<Waiting> {
    const slice = new Set<Waiting>()
    this.#slices.set(number, slice)
    this.#clock.after(number * SLICE_MS - this.#clock.monotonic(), () => this.#expire(number))
    return slice
  }

  #expire(number: number): void {
    const slice = this.#slices.get(number)
    if (slice === undefined) return
    this.#slices.delete(number)
    // What expires may cancel others of this slice: those are gone from the set before their turn.
    for (const waiting of slice) waiting.expire()
  }
}

class Waiting implements Deadline {
  readonly expire: () => void
  readonly #slice: Set<Waiting>

  constructor(expire: () => void, slice: Set<Waiting>) {
    this.expire = expire
    this.#slice = slice
  }

  cancel(): void {
    this.#slice.delete(this)
  }
}
