/** Something changed: whoever waits looks again. */
export class ChangeSignal {
  #waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  /** Settled by the next `fire`. */
  next(): Promise<void> {
    if (this.#waiting === undefined) {
      let resolve = () => {}
      const promise = new Promise<void>(done => {
        resolve = done
      })
      this.#waiting = { promise, resolve }
    }
    return this.#waiting.promise
  }

  fire(): void {
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}
