/** Changes that are made one after another, in the order in which they were asked for. */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Makes a change when all before it have come to an end. Its failure belongs to whoever asked for it, not to the next one. */
  take<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#last.then(change)
    this.#last = changed.then(ignore, ignore)
    return changed
  }

  /** Resolves when all that were asked for by now have come to an end. */
  get over(): Promise<void> {
    return this.#last
  }
}

function ignore(): void {
  return
}
