import type { Work } from './decision.ts'
import type { SlicedJob, TurnSlices } from './turn-slices.ts'

/**
 * Runs work of one shard that would hold the event loop too long in one go: a first slice at once, the rest in slices with the loop free
 * in between. Under a key there is one; later work takes its place, and nothing more is heard of the earlier.
 */
export class SlicedWork<Event> {
  readonly #slices: TurnSlices
  readonly #done: (event: Event) => void
  readonly #begun = new Map<string, SlicedJob>()

  /** `done` gets the result of each, perhaps within the call of `begin`. */
  constructor(slices: TurnSlices, done: (event: Event) => void) {
    this.#slices = slices
    this.#done = done
  }

  /** How many are not done yet. */
  get count(): number {
    return this.#begun.size
  }

  begin({ key, steps, begins }: Work<Event>): void {
    const earlier = this.#begun.get(key)
    if (earlier !== undefined) this.#slices.drop(earlier)
    const job: SlicedJob = {
      goOn: isOver => {
        let step = steps.next()
        while (step.done !== true && !isOver()) step = steps.next()
        if (step.done !== true) return true
        this.#begun.delete(key)
        this.#done(step.value)
        return false
      },
    }
    this.#begun.set(key, job)
    if (begins === 'later') this.#slices.later(job)
    else this.#slices.atOnce(job)
  }

  /** Drops all. */
  clear(): void {
    for (const job of this.#begun.values()) this.#slices.drop(job)
    this.#begun.clear()
  }
}
