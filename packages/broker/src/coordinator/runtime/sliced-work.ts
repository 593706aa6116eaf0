import type { Clock, Timer } from '../../world.ts'
import type { Work } from './decision.ts'

/** How long a slice may hold the event loop. */
const SLICE_MS = 4
/** Time for everybody else between two slices. */
const PAUSE_MS = 1

/**
 * Runs work that would hold the event loop too long in one go: a first slice at once, the rest in slices with the loop free in between. Under
 * a key there is one; later work takes its place, and nothing more is heard of the earlier.
 */
export class SlicedWork<Event> {
  readonly #clock: Clock
  readonly #done: (event: Event) => void
  /** In the order of their turns. */
  readonly #begun = new Map<string, Work<Event>['steps']>()
  #timer: Timer | undefined

  /** `done` gets the result of each, perhaps within the call of `begin`. */
  constructor(clock: Clock, done: (event: Event) => void) {
    this.#clock = clock
    this.#done = done
  }

  /** How many are not done yet. */
  get count(): number {
    return this.#begun.size
  }

  begin({ key, steps, begins }: Work<Event>): void {
    this.#begun.delete(key)
    if (begins === 'later') this.#goLater(key, steps)
    else this.#go(key, steps)
  }

  /** Drops all. */
  clear(): void {
    this.#begun.clear()
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #go(key: string, steps: Work<Event>['steps']): void {
    const end = this.#clock.monotonic() + SLICE_MS
    let step = steps.next()
    while (step.done !== true && this.#clock.monotonic() < end) step = steps.next()
    if (step.done === true) {
      this.#done(step.value)
      return
    }
    this.#goLater(key, steps)
  }

  #goLater(key: string, steps: Work<Event>['steps']): void {
    this.#begun.set(key, steps)
    this.#timer ??= this.#clock.after(PAUSE_MS, this.#goOn)
  }

  readonly #goOn = () => {
    this.#timer = undefined
    const next = this.#begun.entries().next()
    if (next.done === true) return
    const [key, steps] = next.value
    this.#begun.delete(key)
    this.#go(key, steps)
    if (this.#begun.size > 0) this.#timer ??= this.#clock.after(PAUSE_MS, this.#goOn)
  }
}
