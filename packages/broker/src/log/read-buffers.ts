const SMALLEST_BYTES = 16 * 1024
const LARGEST_BYTES = 2 * 1024 * 1024
/** How many bytes of free buffers are kept for the next reads. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024

/** A buffer on loan. Give it back once, when nobody (disk or socket) uses it any more (L8). */
export interface ReadBuffer {
  readonly bytes: Buffer
  readonly release: () => void
}

/** Buffers for cold reads, in powers of two: making and first touching a megabyte costs a hundred times more than reusing it. */
export class ReadBuffers {
  readonly #free = new Map<number, Buffer[]>()
  #keptBytes = 0

  /** A buffer of at least `sizeBytes`. */
  take(sizeBytes: number): ReadBuffer {
    let classBytes = SMALLEST_BYTES
    while (classBytes < sizeBytes && classBytes < LARGEST_BYTES) classBytes *= 2
    if (classBytes < sizeBytes)
      return { bytes: Buffer.allocUnsafeSlow(sizeBytes), release: () => {} }
    const kept = this.#free.get(classBytes)?.pop()
    if (kept !== undefined) this.#keptBytes -= classBytes
    const bytes = kept ?? Buffer.allocUnsafeSlow(classBytes)
    let isReleased = false
    return {
      bytes,
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#keep(bytes)
      },
    }
  }

  #keep(bytes: Buffer): void {
    if (this.#keptBytes + bytes.length > KEPT_BYTES_MAX) return
    this.#keptBytes += bytes.length
    const kept = this.#free.get(bytes.length)
    if (kept === undefined) this.#free.set(bytes.length, [bytes])
    else kept.push(bytes)
  }
}
