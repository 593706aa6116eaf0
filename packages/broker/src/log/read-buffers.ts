import { BufferPool } from './buffer-pool.ts'
import { ReadWindows } from './read-ahead.ts'

/** How many bytes of free buffers are kept for the next reads. */
const KEPT_BYTES_MAX = 16 * 1024 * 1024

/** A buffer on loan. Give it back once, when nobody (disk or socket) uses it any more (L8). */
export interface ReadBuffer {
  readonly bytes: Buffer
  readonly release: () => void
}

/** Buffers for cold reads. */
export class ReadBuffers {
  /** What is read before it is asked for. */
  readonly windows = new ReadWindows()
  readonly #pool = new BufferPool(KEPT_BYTES_MAX)

  /** A buffer of at least `sizeBytes`. */
  take(sizeBytes: number): ReadBuffer {
    const bytes = this.#pool.take(sizeBytes)
    let isReleased = false
    return {
      bytes,
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#pool.give(bytes)
      },
    }
  }
}
