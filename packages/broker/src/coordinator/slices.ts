/** A long computation that stops after every slice of a few thousand steps, for its caller to let others run. */
export type Sliced<Result> = Generator<void, Result, void>

/** Steps between two stops: far below a millisecond of work. */
const STEPS_PER_SLICE = 4096

/** Counts the steps of one computation: `if (steps.spend(1)) yield`. */
export class SliceSteps {
  #left = STEPS_PER_SLICE

  /** True when the slice is used up and a new one begins. */
  spend(steps: number): boolean {
    this.#left -= steps
    if (this.#left > 0) return false
    this.#left = STEPS_PER_SLICE
    return true
  }
}

/** Runs all slices in one go. */
export function runToEnd<Result>(sliced: Sliced<Result>): Result {
  for (;;) {
    const slice = sliced.next()
    if (slice.done === true) return slice.value
  }
}
