import type { Clock, Timer } from './platform.ts'

/** One timer for many reasons to look again: it fires at the earliest moment that was asked for. */
export class WakeUp {
  readonly #clock: Clock
  readonly #fire: () => void
  #next: { readonly at: number; readonly timer: Timer } | undefined

  constructor(clock: Clock, fire: () => void) {
    this.#clock = clock
    this.#fire = fire
  }

  /** Fires at this moment of the monotonic clock, or before it. */
  at(moment: number): void {
    if (this.#next !== undefined && this.#next.at <= moment) return
    this.#next?.timer.cancel()
    const timer = this.#clock.after(Math.max(1, moment - this.#clock.monotonic()), () => {
      this.#next = undefined
      this.#fire()
    })
    this.#next = { at: moment, timer }
  }

  cancel(): void {
    this.#next?.timer.cancel()
    this.#next = undefined
  }
}
