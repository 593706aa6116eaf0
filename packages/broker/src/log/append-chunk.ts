import type { Clock } from '../world.ts'
import type { TailBlock } from './tail-block.ts'
import type { Tail, TailCache } from './tail-cache.ts'

const SMALLEST_CHUNK_BYTES = 4 * 1024
const LARGEST_CHUNK_BYTES = 1024 * 1024
/** A chunk that was full sooner than this asks for a larger next one, one that lasted much longer for the smallest. */
const QUICKLY_FULL_MS = 1000
const SLOWLY_FULL_MS = 30_000

/**
 * Where the appended bytes of one log live: batches are copied one after another into a chunk that grows with the traffic. Written to
 * once, before anybody else sees it (L8). The copy costs less than a buffer for every large frame: chunks are few, and used again.
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

  /** Copies `bytes` to where they stay. The block is held for the caller, who lets go of it when nobody needs the bytes but the cache. */
  keep(bytes: Uint8Array): { readonly block: TailBlock; readonly start: number } {
    let block = this.#block
    if (
      block === undefined ||
      block.isEvicted ||
      block.buffer.length - this.#usedBytes < bytes.length
    ) {
      block = this.#start(bytes.length)
    }
    block.hold()
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

  #start(neededBytes: number): TailBlock {
    const now = this.#clock.monotonic()
    const wasEvicted = this.#block?.isEvicted === true
    if (this.#block !== undefined) {
      const lastedMs = now - this.#startedAt
      if (wasEvicted || lastedMs > SLOWLY_FULL_MS) this.#nextBytes = SMALLEST_CHUNK_BYTES
      else if (lastedMs < QUICKLY_FULL_MS)
        this.#nextBytes = Math.min(this.#nextBytes * 2, LARGEST_CHUNK_BYTES)
    }
    const block = this.#tail.charge(Math.max(this.#nextBytes, neededBytes))
    this.#block = block
    this.#usedBytes = 0
    this.#startedAt = now
    return block
  }
}
