import type { Clock } from '../world.ts'

/** Lets the event loop have its turn now and then during work that waits for nothing: signals are heard, and locks are kept fresh. */
export class Breath {
  readonly #clock: Clock
  readonly #everyMs: number
  #drawnAt: number
  #drawing: Promise<void> | undefined

  /** Work goes on for `everyMs` without a break. */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock
    this.#everyMs = everyMs
    this.#drawnAt = clock.monotonic()
  }

  /** Resolves at once, or after a turn of the loop when the last one is some time ago. Who comes meanwhile waits for the same turn. */
  draw(): Promise<void> | undefined {
    if (this.#drawing === undefined && this.#clock.monotonic() - this.#drawnAt >= this.#everyMs) {
      this.#drawing = new Promise<void>(resolve => this.#clock.endOfTurn(resolve)).then(() => {
        this.#drawing = undefined
        this.#drawnAt = this.#clock.monotonic()
      })
    }
    return this.#drawing
  }
}
