/** Holds index files against the batches of their segment, as these are walked over. */
import type { OffsetIndex } from '../offset-index.ts'
import type { TimeIndex } from '../time-index.ts'

/** What the checks ask about a batch. */
export interface PlacedBatch {
  readonly position: number
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 for a batch that compaction has left without records. */
  readonly maxTimestamp: number
}

/** Whoever looks for an offset begins at the place of the entry before it: no batch before that place may hold it. */
export class OffsetIndexCheck {
  readonly #entries: Iterator<{ readonly offset: number; readonly position: number }>
  #next: { readonly offset: number; readonly position: number } | undefined
  /** The first thing that is wrong, as a sentence. */
  flaw: string | undefined

  constructor(index: OffsetIndex) {
    this.#entries = index.entries()
    this.#advance()
  }

  pass({ position, baseOffset }: PlacedBatch): void {
    if (this.#next !== undefined && this.#next.position < position) this.#isNowhere()
    if (this.#next?.position !== position) return
    if (baseOffset > this.#next.offset)
      this.flaw ??= `It leads from offset ${this.#next.offset} to position ${position}, where offset ${baseOffset} begins.`
    this.#advance()
  }

  /** The segment ends. */
  end(): void {
    if (this.#next !== undefined) this.#isNowhere()
  }

  #isNowhere(): void {
    const { offset, position } = this.#next as { offset: number; position: number }
    this.flaw ??= `It leads from offset ${offset} to position ${position}, where no record batch begins.`
    this.#next = undefined
  }

  #advance(): void {
    const next = this.#entries.next()
    this.#next = next.done === true ? undefined : next.value
  }
}

/** An entry says that no record up to its offset is newer than its timestamp. */
export class TimeIndexCheck {
  readonly #entries: Iterator<{ readonly timestamp: number; readonly offset: number }>
  #next: { readonly timestamp: number; readonly offset: number } | undefined
  #newest = -1
  readonly #lastTimestamp: number
  flaw: string | undefined

  constructor(index: TimeIndex) {
    this.#entries = index.entries()
    this.#lastTimestamp = index.lastTimestamp
    this.#advance()
  }

  pass({ lastOffset, maxTimestamp }: PlacedBatch): void {
    while (this.#next !== undefined && this.#next.offset < lastOffset) this.#advance()
    if (this.#next !== undefined && maxTimestamp > this.#next.timestamp)
      this.flaw ??= `It says that nothing up to offset ${this.#next.offset} is newer than ${this.#next.timestamp}, but a record of ${maxTimestamp} is.`
    this.#newest = Math.max(this.#newest, maxTimestamp)
  }

  /** The segment ends; a sealed one says in its last entry what the newest timestamp is, and retention believes it. */
  end(): void {
    if (this.#lastTimestamp < this.#newest)
      this.flaw ??= `Its newest timestamp is ${this.#lastTimestamp}, that of the segment ${this.#newest}.`
  }

  #advance(): void {
    const next = this.#entries.next()
    this.#next = next.done === true ? undefined : next.value
  }
}
