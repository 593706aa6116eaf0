import type { Clock } from '../world.ts'

/** How long work may go on without a break. */
const BREATH_MS = 50

/** Lets the event loop have its turn now and then during work that waits for nothing: signals are heard, and locks are kept fresh. */
export class Breath {
  readonly #clock: Clock
  #drawnAt: number
  #drawing: Promise<void> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#drawnAt = clock.monotonic()
  }

  /** Resolves at once, or after a turn of the loop when the last one is some time ago. Who comes meanwhile waits for the same turn. */
  draw(): Promise<void> | undefined {
    if (this.#drawing === undefined && this.#clock.monotonic() - this.#drawnAt >= BREATH_MS) {
      this.#drawing = new Promise<void>(resolve => this.#clock.endOfTurn(resolve)).then(() => {
        this.#drawing = undefined
        this.#drawnAt = this.#clock.monotonic()
      })
    }
    return this.#drawing
  }
}
