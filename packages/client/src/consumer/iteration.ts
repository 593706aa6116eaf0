import { asError } from '../errors.ts'
import type { InHand } from './in-hand.ts'

/** What a loop needs of its consumer. */
export interface IterationSource<T> {
  /** Whether the next value may be taken without waiting. */
  readonly isReady: () => boolean
  /** The next value, or undefined when there is none now. */
  readonly take: () => T | undefined
  /** Waits for the next value; undefined at the end. */
  readonly wait: (take: () => T | undefined) => Promise<T | undefined>
  /** Notes that what was taken is in hand, when somebody wants to know that it is handled. */
  readonly handOut: () => InHand | undefined
  /** The offset of what was taken last. */
  readonly firstOffset: () => number
  /** The loop is done with this, or went away with it. */
  readonly onHandled: (inHand: InHand, offset: number) => void
  readonly onAbandoned: (inHand: InHand, offset: number) => void
  /** The loop asks for the next value. */
  readonly onAsk: () => void
}

/** A loop over the records of a consumer. What it was given counts as handled when it asks for the next. */
export class Iteration<T> implements AsyncIterableIterator<T> {
  readonly #source: IterationSource<T>
  /** Where what is in hand is noted; undefined: nothing is, or nobody wants to know. */
  #inHand: InHand | undefined
  #offset = -1

  constructor(source: IterationSource<T>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this
  }

  next(): Promise<IteratorResult<T>> {
    const source = this.#source
    source.onAsk()
    const inHand = this.#inHand
    if (inHand !== undefined) {
      this.#inHand = undefined
      source.onHandled(inHand, this.#offset)
    }
    if (!source.isReady()) return this.#wait()
    try {
      const value = source.take()
      if (value === undefined) return this.#wait()
      this.#takeInHand()
      return Promise.resolve({ value, done: false })
    } catch (error) {
      return Promise.reject(asError(error))
    }
  }

  return(): Promise<IteratorResult<T>> {
    const inHand = this.#inHand
    this.#inHand = undefined
    if (inHand !== undefined) this.#source.onAbandoned(inHand, this.#offset)
    return Promise.resolve({ value: undefined, done: true })
  }

  #takeInHand(): void {
    this.#inHand = this.#source.handOut()
    this.#offset = this.#source.firstOffset()
  }

  async #wait(): Promise<IteratorResult<T>> {
    const source = this.#source
    const value = await source.wait(() => {
      const taken = source.take()
      if (taken !== undefined) this.#takeInHand()
      return taken
    })
    return value === undefined ? { value, done: true } : { value, done: false }
  }
}
