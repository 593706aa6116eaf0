import type { Accumulator } from './accumulator.ts'

/** Who waits until all that was taken by a certain moment is settled. */
export class Flushes {
  readonly #accumulator: Accumulator
  #waiting: { readonly target: number; readonly resolve: () => void }[] = []

  constructor(accumulator: Accumulator) {
    this.#accumulator = accumulator
  }

  /** Whether anybody waits: then nothing lingers. */
  get isAny(): boolean {
    return this.#waiting.length > 0
  }

  /** Resolves when everything that was taken so far is settled; undefined when it is. */
  wait(): Promise<void> | undefined {
    const target = this.#accumulator.nextNumber
    if (this.#accumulator.lowestUnsettled() >= target) return undefined
    return new Promise(resolve => {
      this.#waiting.push({ target, resolve })
    })
  }

  /** Something was settled. */
  settle(): void {
    if (this.#waiting.length === 0) return
    const lowest = this.#accumulator.lowestUnsettled()
    this.#waiting = this.#waiting.filter(({ target, resolve }) => {
      if (lowest < target) return true
      resolve()
      return false
    })
  }

  /** Nobody waits any more. */
  close(): void {
    for (const { resolve } of this.#waiting) resolve()
    this.#waiting = []
  }
}
