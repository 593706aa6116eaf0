/** When so many entries at the front are done with, their places are freed. */
const COMPACT_AFTER = 1024

const BUSY = 0
const HANDLED = 1
const ABANDONED = 2

/**
 * What was handed out of one partition and is not handled yet, by the offset of each record, or of the first of several that
 * were handed out together. What comes before the first of them may be committed. A partition that is moved begins another one,
 * so that what was handed out before does not count for what is handed out again.
 */
export class InHand {
  /** A loop has one record at a time, which needs no list; -1: none. */
  #only = -1
  /** The offsets in order, and what became of each; those before `#first` are done with. */
  #offsets: number[] = []
  #states: number[] = []
  #first = 0
  #busy = 0
  #committedUpTo = -1

  /**
   * Before this offset everything was committed: whoever committed says that it is handled, whatever is still in hand. An
   * automatic commit must not go back behind it. -1: nothing was.
   */
  get committedUpTo(): number {
    return this.#committedUpTo
  }

  /** Whether somebody is at work on any of it. */
  get isBusy(): boolean {
    return this.#only >= 0 || this.#busy > 0
  }

  /** The first offset that is not handled; undefined when all are. */
  get firstOffset(): number | undefined {
    return this.#only >= 0 ? this.#only : this.#offsets[this.#first]
  }

  /** How many were handed out since the first one that is not handled. */
  get length(): number {
    return this.#only >= 0 ? 1 : this.#offsets.length - this.#first
  }

  /** Offsets come in order. */
  add(offset: number): void {
    if (this.#only < 0 && this.#offsets.length === 0) {
      this.#only = offset
      return
    }
    this.#enlist()
    this.#push(offset)
  }

  handled(offset: number): void {
    if (offset === this.#only) this.#only = -1
    else this.#become(offset, HANDLED)
  }

  /** The reader went away with it: nobody waits for it any more, and it does not count as handled. */
  abandon(offset: number): void {
    this.#enlist()
    this.#become(offset, ABANDONED)
  }

  committed(offset: number): void {
    this.#committedUpTo = Math.max(this.#committedUpTo, offset)
  }

  #enlist(): void {
    if (this.#only < 0) return
    this.#push(this.#only)
    this.#only = -1
  }

  #push(offset: number): void {
    this.#offsets.push(offset)
    this.#states.push(BUSY)
    this.#busy += 1
  }

  #become(offset: number, state: number): void {
    const index = this.#find(offset)
    const before = this.#states[index]
    if (before === undefined || before === HANDLED) return
    if (before === BUSY) this.#busy -= 1
    this.#states[index] = state
    while (this.#states[this.#first] === HANDLED) this.#first += 1
    if (this.#first === this.#offsets.length || this.#first >= COMPACT_AFTER)
      this.#forget(this.#first)
  }

  #forget(count: number): void {
    this.#offsets = this.#offsets.slice(count)
    this.#states = this.#states.slice(count)
    this.#first = 0
  }

  /** The place of an offset, by halves; -1: it is not in hand. */
  #find(offset: number): number {
    let low = this.#first
    let high = this.#offsets.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.#offsets[middle] as number
      if (found === offset) return middle
      if (found < offset) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}
