import type { Clock } from '../world.ts'

/** All deadlines of one slice of time share a timer. */
const SLICE_MS = 500

/** Something that gives up when its time is over. */
export interface Expirable {
  expire(): void
}

/** The deadlines of one slice of time: what finishes in time takes itself out. */
export type DeadlineSlice = Set<Expirable>

/**
 * Deadlines that are nearly always cancelled: one costs an insertion into a set and a removal, and nothing is allocated for
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
    const slice: DeadlineSlice = new Set()
    this.#slices.set(number, slice)
    this.#clock.after(number * SLICE_MS - this.#clock.monotonic(), () => this.#expire(number))
    return slice
  }

  #expire(number: number): void {
    const slice = this.#slices.get(number)
    if (slice === undefined) return
    this.#slices.delete(number)
    // What expires may take others of this slice out: those are gone from the set before their turn.
    for (const waiting of slice) waiting.expire()
  }
}
