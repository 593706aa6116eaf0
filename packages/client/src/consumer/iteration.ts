import { asError } from '../errors.ts'
import type { HandedOut } from './record-reader.ts'

/** What a loop needs of its consumer. */
export interface IterationSource<T> {
  /** Whether the next value may be taken without waiting. */
  readonly isReady: () => boolean
  /** The next value, or undefined when there is none now. */
  readonly take: () => T | undefined
  /** Waits for the next value; undefined at the end. */
  readonly wait: (take: () => T | undefined) => Promise<T | undefined>
  /** Notes that what was taken is in hand, when somebody wants to know that it is handled. */
  readonly handOut: () => HandedOut | undefined
  /** The loop is done with this, or went away with it. */
  readonly onHandled: (handedOut: HandedOut) => void
  readonly onAbandoned: (handedOut: HandedOut) => void
  /** The loop asks for the next value. */
  readonly onAsk: () => void
}

/** A loop over the records of a consumer. What it was given counts as handled when it asks for the next. */
export class Iteration<T> implements AsyncIterableIterator<T> {
  readonly #source: IterationSource<T>
  #inHand: HandedOut | undefined

  constructor(source: IterationSource<T>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this
  }

  next(): Promise<IteratorResult<T>> {
    const source = this.#source
    source.onAsk()
    if (this.#inHand !== undefined) {
      source.onHandled(this.#inHand)
      this.#inHand = undefined
    }
    if (!source.isReady()) return this.#wait()
    try {
      const value = source.take()
      if (value === undefined) return this.#wait()
      this.#inHand = source.handOut()
      return Promise.resolve({ value, done: false })
    } catch (error) {
      return Promise.reject(asError(error))
    }
  }

  return(): Promise<IteratorResult<T>> {
    if (this.#inHand !== undefined) this.#source.onAbandoned(this.#inHand)
    this.#inHand = undefined
    return Promise.resolve({ value: undefined, done: true })
  }

  async #wait(): Promise<IteratorResult<T>> {
    const source = this.#source
    const value = await source.wait(() => {
      const taken = source.take()
      if (taken !== undefined) this.#inHand = source.handOut()
      return taken
    })
    return value === undefined ? { value, done: true } : { value, done: false }
  }
}
