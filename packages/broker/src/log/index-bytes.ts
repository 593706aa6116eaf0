/** Why an index file cannot be used. It is only a cache of the segment, so the answer is always to build it again. */
export type IndexFlaw = 'its size is not a whole number of entries' | 'its entries do not grow'

/** Entries of one fixed size, in memory, growing; the file on disk is the same bytes. */
export class IndexBytes {
  readonly #entryBytes: number
  #bytes: Buffer
  #count = 0
  /** How many leading entries the file on disk has. */
  #writtenCount = 0

  constructor(entryBytes: number) {
    this.#entryBytes = entryBytes
    this.#bytes = Buffer.alloc(0)
  }

  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    return this.#bytes.length
  }

  /** The buffer that holds the entries; it is replaced when the index grows. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Takes the content of the file as it is on disk. */
  load(content: Buffer): IndexFlaw | undefined {
    if (content.length % this.#entryBytes !== 0) return 'its size is not a whole number of entries'
    this.#bytes = content
    this.#count = content.length / this.#entryBytes
    this.#writtenCount = this.#count
    return undefined
  }

  /** Makes room for one more entry and returns the position where its bytes belong. */
  extend(): number {
    const position = this.#count * this.#entryBytes
    if (position === this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(position * 2, this.#entryBytes * 8))
      this.#bytes.copy(grown, 0, 0, position)
      this.#bytes = grown
    }
    this.#count++
    return position
  }

  truncate(count: number): void {
    if (count >= this.#count) return
    this.#count = count
    this.#writtenCount = Math.min(this.#writtenCount, count)
  }

  /** What the file does not have yet and where it belongs; undefined when the file has all. A truncated file is cut first by the caller. */
  unwritten(): { readonly position: number; readonly content: Buffer } | undefined {
    if (this.#writtenCount === this.#count) return undefined
    const position = this.#writtenCount * this.#entryBytes
    return { position, content: Buffer.from(this.#bytes.subarray(position, this.sizeBytes)) }
  }

  /** The file has now all entries up to `sizeBytes`, unless they were truncated meanwhile. */
  written(sizeBytes: number): void {
    this.#writtenCount = Math.min(this.#count, sizeBytes / this.#entryBytes)
  }

  /** Nothing of it is known to be in the file. */
  markUnwritten(): void {
    this.#writtenCount = 0
  }

  get sizeBytes(): number {
    return this.#count * this.#entryBytes
  }

  /** All entries, as they lie in memory: valid until the next change. */
  get content(): Buffer {
    return this.#bytes.subarray(0, this.sizeBytes)
  }

  /** The number of leading entries for which `isAtOrBelow` holds; it must hold for a prefix. */
  prefixLength(isAtOrBelow: (position: number) => boolean): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isAtOrBelow(middle * this.#entryBytes)) low = middle + 1
      else high = middle
    }
    return low
  }
}
