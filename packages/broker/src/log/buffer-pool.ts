const SMALLEST_BYTES = 16 * 1024
const LARGEST_BYTES = 2 * 1024 * 1024

/**
 * Buffers in powers of two that are used again: making and first touching a megabyte costs a hundred times more than reusing it, and what
 * lies outside the heap makes the garbage collector run by its size.
 */
export class BufferPool {
  readonly #keptBytesMax: number
  readonly #free = new Map<number, Buffer[]>()
  #keptBytes = 0

  /** `keptBytesMax`: the bytes of all free buffers that wait for their next use. */
  constructor(keptBytesMax: number) {
    this.#keptBytesMax = keptBytesMax
  }

  /** A buffer of at least `sizeBytes`. What is in it is of no meaning. */
  take(sizeBytes: number): Buffer {
    let classBytes = SMALLEST_BYTES
    while (classBytes < sizeBytes && classBytes < LARGEST_BYTES) classBytes *= 2
    if (classBytes < sizeBytes) return Buffer.allocUnsafeSlow(sizeBytes)
    const kept = this.#free.get(classBytes)?.pop()
    if (kept === undefined) return Buffer.allocUnsafeSlow(classBytes)
    this.#keptBytes -= classBytes
    return kept
  }

  /** Nobody uses the buffer any more, neither disk nor socket (L8). Once for each `take`; very large ones are not kept. */
  give(buffer: Buffer): void {
    const sizeBytes = buffer.length
    if (sizeBytes > LARGEST_BYTES) return
    const kept = this.#free.get(sizeBytes) ?? []
    kept.push(buffer)
    this.#keptBytes += sizeBytes
    // The size that was given last is last in the map, and the last to go.
    this.#free.delete(sizeBytes)
    this.#free.set(sizeBytes, kept)
    this.trimTo(this.#keptBytesMax)
  }

  /** Drops free buffers until they are no more than `keptBytes`, first those of sizes that nobody gave lately. */
  trimTo(keptBytes: number): void {
    for (const [sizeBytes, kept] of this.#free) {
      while (this.#keptBytes > keptBytes && kept.pop() !== undefined) this.#keptBytes -= sizeBytes
      if (this.#keptBytes <= keptBytes) return
    }
  }
}
