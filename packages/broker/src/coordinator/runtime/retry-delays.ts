const FIRST_MS = 1_000
const MAX_MS = 60_000

/** How long to wait before each thing that was refused is tried again: twice as long each time. */
export class RetryDelays {
  /** What is given up is forgotten with the thing itself. */
  readonly #last = new WeakMap<object, number>()

  /** In milliseconds; `what` was refused once more. */
  next(what: object): number {
    const last = this.#last.get(what)
    const delayMs = last === undefined ? FIRST_MS : Math.min(last * 2, MAX_MS)
    this.#last.set(what, delayMs)
    return delayMs
  }
}
