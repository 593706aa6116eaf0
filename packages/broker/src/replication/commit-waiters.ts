import type { ErrorName } from '@varve/protocol'

/** Called once: `NONE` when all records below the awaited offset are committed, else why they will not be. */
export type Committed = (error: ErrorName) => void

interface Waiter {
  readonly nextOffset: number
  readonly done: Committed
}

/** Who waits for the high watermark, in the order of the offsets waited for. */
export class CommitWaiters {
  #waiters: Waiter[] = []
  #head = 0

  get count(): number {
    return this.#waiters.length - this.#head
  }

  /** Appends come in order, so this is mostly a push; a duplicate waits for an earlier offset. */
  add(nextOffset: number, done: Committed): void {
    const waiter = { nextOffset, done }
    const waiters = this.#waiters
    let index = waiters.length
    while (index > this.#head && (waiters[index - 1] as Waiter).nextOffset > nextOffset) index--
    if (index === waiters.length) waiters.push(waiter)
    else waiters.splice(index, 0, waiter)
  }

  /** Answers those that waited for an offset up to `highWatermark`. */
  reached(highWatermark: number): void {
    while (this.#head < this.#waiters.length) {
      const waiter = this.#waiters[this.#head] as Waiter
      if (waiter.nextOffset > highWatermark) break
      this.#head++
      waiter.done('NONE')
    }
    this.#compact()
  }

  /** Answers all that wait for something at or beyond `offset`. */
  fail(offset: number, error: ErrorName): void {
    const kept: Waiter[] = []
    const failed: Waiter[] = []
    for (let index = this.#head; index < this.#waiters.length; index++) {
      const waiter = this.#waiters[index] as Waiter
      if (waiter.nextOffset > offset) failed.push(waiter)
      else kept.push(waiter)
    }
    this.#waiters = kept
    this.#head = 0
    for (const waiter of failed) waiter.done(error)
  }

  #compact(): void {
    if (this.#head === this.#waiters.length) {
      this.#waiters = []
      this.#head = 0
    } else if (this.#head > 1024 && this.#head * 2 > this.#waiters.length) {
      this.#waiters = this.#waiters.slice(this.#head)
      this.#head = 0
    }
  }
}
