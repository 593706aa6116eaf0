import { batchSizeAt, hasHeaderAt, lastOffsetAt } from './batch-position.ts'
import { NOTHING_READ, type ReadRange, type ReadResult } from './read-result.ts'

/** Bytes that were read before anybody asked for them, and are given away piece by piece. Whoever got a piece holds them all until `release` (L8). */
export class ReadWindow {
  #read: ReadResult | undefined
  #position = 0
  #nextOffset: number
  /** Pieces that somebody has. */
  #held = 0
  #isDropped = false

  /** `read` gives whole batches in one part, from the one that holds `offset`. */
  constructor(offset: number, read: ReadResult) {
    this.#nextOffset = offset
    this.#read = read.sizeBytes === 0 ? undefined : read
  }

  /** The offset where what is left begins. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  get isUsedUp(): boolean {
    return this.#read === undefined || this.#isDropped
  }

  /** The next whole batches within the range; undefined when nothing is left. */
  take(range: ReadRange): ReadResult | undefined {
    const bytes = this.#read?.parts[0]
    if (bytes === undefined || this.#isDropped) return undefined
    const start = this.#position
    this.#position = this.#endWithin(bytes, range)
    if (this.#position === start) return NOTHING_READ
    this.#held += 1
    const sizeBytes = this.#position - start
    let isReleased = false
    const release = (): void => {
      if (isReleased) return
      isReleased = true
      this.#held -= 1
      this.#releaseIfDone()
    }
    if (this.#position === bytes.length) this.drop()
    return { parts: [bytes.subarray(start, start + sizeBytes)], sizeBytes, release }
  }

  /** Gives nothing away any more. */
  drop(): void {
    this.#isDropped = true
    this.#releaseIfDone()
  }

  #endWithin(bytes: Uint8Array, range: ReadRange): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const start = this.#position
    let end = start
    while (hasHeaderAt(end, bytes.length)) {
      const sizeBytes = batchSizeAt(view, end)
      const isLetThrough = end === start && range.firstBatchWhole
      if (end + sizeBytes - start > range.maxBytes && !isLetThrough) break
      if (lastOffsetAt(view, end) >= range.endOffset) break
      this.#nextOffset = lastOffsetAt(view, end) + 1
      end += sizeBytes
    }
    return end
  }

  #releaseIfDone(): void {
    if (!this.#isDropped || this.#held > 0) return
    const read = this.#read
    this.#read = undefined
    read?.release?.()
  }
}
