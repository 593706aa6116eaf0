import type { Clock, Timer } from '../../world.ts'

/** How often the clock looks at deadlines that are near. */
const FINE_TICK_MS = 100
/** And when all of them are far. */
const COARSE_TICK_MS = 10_000
/** A tick that comes later than this was held up. Any timer is a little late. */
const LATE_MS = 50

/** Somebody who has deadlines on a patient clock. */
export interface PatientWatcher {
  /** Whether a deadline may pass before the next coarse tick. */
  readonly hasNear: boolean
  /** Called at every tick, when the sockets have been read. */
  tick(nowMs: number): void
}

/**
 * A clock for the deadlines of others. It stands still while the event loop is stalled or the machine sleeps, because then nobody could be
 * heard: of a tick that comes late, the lateness does not count. What is due is looked at only after the sockets were read. It has one timer
 * of the world, and none while nobody watches: then it stands still too.
 */
export class PatientClock {
  readonly #clock: Clock
  readonly #watchers = new Set<PatientWatcher>()
  #countedMs = 0
  /** When `#countedMs` was counted, on the monotonic clock. */
  #countedAt = 0
  #tickMs = 0
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds that this clock has counted. They only grow. */
  get nowMs(): number {
    if (this.#timer === undefined) return this.#countedMs
    const sinceMs = this.#clock.monotonic() - this.#countedAt
    return this.#countedMs + Math.min(sinceMs, this.#tickMs)
  }

  /** `watcher` has deadlines, or has one that is nearer than before. */
  watch(watcher: PatientWatcher): void {
    this.#watchers.add(watcher)
    if (this.#timer === undefined) this.#arm()
    else if (this.#tickMs > FINE_TICK_MS && watcher.hasNear) {
      this.#timer.cancel()
      this.#count()
      this.#arm()
    }
  }

  unwatch(watcher: PatientWatcher): void {
    this.#watchers.delete(watcher)
    if (this.#watchers.size > 0 || this.#timer === undefined) return
    this.#timer.cancel()
    this.#count()
    this.#timer = undefined
  }

  #arm(): void {
    this.#countedAt = this.#clock.monotonic()
    this.#tickMs = [...this.#watchers].some(({ hasNear }) => hasNear)
      ? FINE_TICK_MS
      : COARSE_TICK_MS
    this.#timer = this.#clock.after(this.#tickMs, this.#tick)
  }

  #count(): void {
    const sinceMs = this.#clock.monotonic() - this.#countedAt
    this.#countedMs += sinceMs > this.#tickMs + LATE_MS ? this.#tickMs : sinceMs
  }

  readonly #tick = () => {
    this.#count()
    this.#arm()
    // Timers come before sockets in a turn of the event loop: who has written in time is heard first.
    this.#clock.endOfTurn(this.#tellAll)
  }

  readonly #tellAll = () => {
    for (const watcher of [...this.#watchers])
      if (this.#watchers.has(watcher)) watcher.tick(this.nowMs)
  }
}
