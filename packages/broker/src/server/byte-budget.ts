/** Bytes that all connections hold together. Nothing is refused: whoever finds it exhausted stops reading until there is room. */
export class ByteBudget {
  readonly #capacity: number
  readonly #waiting = new Set<() => void>()
  #used = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get used(): number {
    return this.#used
  }

  get isExhausted(): boolean {
    return this.#used >= this.#capacity
  }

  take(sizeBytes: number): void {
    this.#used += sizeBytes
  }

  give(sizeBytes: number): void {
    this.#used -= sizeBytes
    if (this.#waiting.size === 0 || this.isExhausted) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const proceed of waiting) proceed()
  }

  /** Calls `proceed` once when there is room again. */
  waitForRoom(proceed: () => void): void {
    this.#waiting.add(proceed)
  }

  forget(proceed: () => void): void {
    this.#waiting.delete(proceed)
  }
}
