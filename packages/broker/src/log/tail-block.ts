import { assert } from '../assert.ts'
import type { Tail } from './tail-cache.ts'

/**
 * One buffer of the tail cache, and the count of those who use its bytes: batches until they are committed (until then the segment's
 * write or the journal may need them), and answers until they are sent. When the cache has let go of it and the last use has
 * ended, the buffer is free for other bytes (L8). A use that is never ended costs no more than that: then the garbage collector gets it.
 */
export class TailBlock {
  readonly buffer: Buffer
  /** Over the same bytes, made once. */
  readonly view: DataView
  readonly tail: Tail
  readonly #onFree: (buffer: Buffer) => void
  #useCount = 0
  #isEvicted = false

  constructor(buffer: Buffer, tail: Tail, onFree: (buffer: Buffer) => void) {
    this.buffer = buffer
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
    this.tail = tail
    this.#onFree = onFree
  }

  /** What the budget is charged with, from the moment the block is made. */
  get chargedBytes(): number {
    return this.buffer.length
  }

  /** True once the cache has let go of it: nothing may be added to the cache from it any more. */
  get isEvicted(): boolean {
    return this.#isEvicted
  }

  /** Somebody uses the bytes, until `letGo`. */
  hold(): void {
    assert(!this.#isEvicted || this.#useCount > 0, 'L8: bytes that were let go of are not used.')
    this.#useCount++
  }

  /** Ends one use. */
  letGo(): void {
    assert(this.#useCount > 0, 'L8: a use ends once.')
    this.#useCount--
    this.#freeIfUnused()
  }

  /** The cache lets go of the block; called by it alone, and once. */
  evict(): void {
    assert(!this.#isEvicted, 'A block is evicted once.')
    this.#isEvicted = true
    this.#freeIfUnused()
  }

  #freeIfUnused(): void {
    if (this.#isEvicted && this.#useCount === 0) this.#onFree(this.buffer)
  }
}
