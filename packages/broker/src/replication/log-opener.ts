import type { Clock, Timer } from '../world.ts'

/** Who comes back first after a start is served first. */
const FIRST_MS = 100
/** How long the event loop is held at a time, unless a single log takes longer. */
const SLICE_MS = 4
/** It rests this many times as long as it worked, and not less than `SLICE_MS` would make it. */
const REST_SHARE = 4

/** Opens what nobody has asked for, little by little: so that damage is found, and retention and compaction come to all logs. */
export class LogOpener {
  readonly #clock: Clock
  readonly #openNext: () => 'more' | 'all open'
  #timer: Timer | undefined

  constructor(clock: Clock, openNext: () => 'more' | 'all open') {
    this.#clock = clock
    this.#openNext = openNext
  }

  start(): void {
    this.#after(FIRST_MS)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #after(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => this.#work())
  }

  #work(): void {
    this.#timer = undefined
    const beganMs = this.#clock.monotonic()
    while (this.#openNext() === 'more') {
      const workedMs = this.#clock.monotonic() - beganMs
      if (workedMs >= SLICE_MS) return this.#after(Math.ceil(workedMs * REST_SHARE))
    }
  }
}
