import type { Clock } from '../world.ts'
import type { Tail, TailBlock, TailCache } from './tail-cache.ts'

const SMALLEST_CHUNK_BYTES = 4 * 1024
const LARGEST_CHUNK_BYTES = 256 * 1024
/** From this size a batch has a buffer of its own. */
const LARGE_BATCH_BYTES = 32 * 1024
/** A frame that one batch is kept from may be this many times as large as the batch, or the batch is copied out of it. */
const FRAME_PER_BATCH_MAX = 4
/** A chunk that was full sooner than this asks for a larger next one, one that lasted much longer for the smallest. */
const QUICKLY_FULL_MS = 1000
const SLOWLY_FULL_MS = 30_000

/** Whether bytes belong to whoever gave them, and must be copied now, or to whoever takes them. */
export type BytesOwnership = 'borrowed' | 'owned'

/**
 * Where the appended bytes of one log live: small batches are copied one after another into a chunk that grows with the
 * traffic, a large batch whose frame is ours is kept where it is. Written to once, before anybody else sees it (L8).
 */
export class AppendChunk {
  readonly #cache: TailCache
  readonly #tail: Tail
  readonly #clock: Clock
  #block: TailBlock | undefined
  #usedBytes = 0
  #nextBytes = SMALLEST_CHUNK_BYTES
  #startedAt = 0

  constructor(cache: TailCache, tail: Tail, clock: Clock) {
    this.#cache = cache
    this.#tail = tail
    this.#clock = clock
  }

  /** Gives `bytes` a place to stay. */
  keep(
    bytes: Uint8Array,
    ownership: BytesOwnership,
  ): { readonly block: TailBlock; readonly start: number } {
    if (bytes.length >= LARGE_BATCH_BYTES)
      return { block: this.#keepLarge(bytes, ownership), start: 0 }
    let block = this.#block
    if (
      block === undefined ||
      block.isEvicted ||
      block.buffer.length - this.#usedBytes < bytes.length
    ) {
      block = this.#start(bytes.length)
    }
    const start = this.#usedBytes
    block.buffer.set(bytes, start)
    this.#usedBytes = start + bytes.length
    return { block, start }
  }

  /** Gives the chunk up: the log is closed. */
  release(): void {
    if (this.#block !== undefined) this.#cache.release(this.#block)
    this.#block = undefined
  }

  #keepLarge(bytes: Uint8Array, ownership: BytesOwnership): TailBlock {
    if (ownership === 'owned' && bytes.buffer.byteLength <= bytes.length * FRAME_PER_BATCH_MAX) {
      return this.#tail.charge(
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
        bytes.length,
      )
    }
    const buffer = Buffer.allocUnsafeSlow(bytes.length)
    buffer.set(bytes)
    return this.#tail.charge(buffer, bytes.length)
  }

  #start(neededBytes: number): TailBlock {
    const now = this.#clock.monotonic()
    const wasEvicted = this.#block?.isEvicted === true
    if (this.#block !== undefined) {
      const lastedMs = now - this.#startedAt
      if (wasEvicted || lastedMs > SLOWLY_FULL_MS) this.#nextBytes = SMALLEST_CHUNK_BYTES
      else if (lastedMs < QUICKLY_FULL_MS)
        this.#nextBytes = Math.min(this.#nextBytes * 2, LARGEST_CHUNK_BYTES)
    }
    const sizeBytes = Math.max(this.#nextBytes, neededBytes)
    const block = this.#tail.charge(Buffer.allocUnsafeSlow(sizeBytes), sizeBytes)
    this.#block = block
    this.#usedBytes = 0
    this.#startedAt = now
    return block
  }
}
