import { assert } from '../../assert.ts'
import type { KeyHash } from './key-hash.ts'

/** Four words of hash and an offset. */
export const SLOT_BYTES = 24
const WORDS = 4

/**
 * From keys to the offset of the newest record of each, in fixed slots: what it takes is known before. It knows keys by their hash only
 * (see `KeyHash` for why that is safe).
 */
export class OffsetMap {
  readonly #hash: KeyHash
  readonly #slots: number
  readonly #countMax: number
  readonly #hashes: Int32Array
  /** One more than the offset; 0 is a free slot. */
  readonly #offsets: Float64Array
  #count = 0
  #latestOffset = -1

  /** `slots`: at least 2; of them `loadMax` may be taken, and always one stays free. */
  constructor(hash: KeyHash, slots: number, loadMax: number) {
    assert(slots >= 2, 'A map of offsets has two slots at least.')
    this.#hash = hash
    this.#slots = slots
    this.#countMax = Math.max(1, Math.min(slots - 1, Math.floor(slots * loadMax)))
    this.#hashes = new Int32Array(slots * WORDS)
    this.#offsets = new Float64Array(slots)
  }

  get count(): number {
    return this.#count
  }

  /** True when no further key fits. */
  get isFull(): boolean {
    return this.#count >= this.#countMax
  }

  /** All records up to here are in the map, those without a key counted as if they were. */
  get latestOffset(): number {
    return this.#latestOffset
  }

  /** Everything up to `offset` was looked at. */
  passed(offset: number): void {
    this.#latestOffset = Math.max(this.#latestOffset, offset)
  }

  /** The record at `offset` is the newest of its key. Demands that the map is not full. */
  put(bytes: Uint8Array, keyStart: number, keyLength: number, offset: number): void {
    assert(!this.isFull, 'Nothing is put into a full map of offsets.')
    const slot = this.#find(bytes, keyStart, keyLength)
    if (this.#offsets[slot] === 0) {
      const at = slot * WORDS
      this.#hashes[at] = this.#hash.word0
      this.#hashes[at + 1] = this.#hash.word1
      this.#hashes[at + 2] = this.#hash.word2
      this.#hashes[at + 3] = this.#hash.word3
      this.#count++
    }
    this.#offsets[slot] = offset + 1
    this.passed(offset)
  }

  /** The offset of the newest record of the key, -1 when there is none. */
  get(bytes: Uint8Array, keyStart: number, keyLength: number): number {
    return this.#offsets[this.#find(bytes, keyStart, keyLength)]! - 1
  }

  /** The slot of the key, or the free one that it would take. */
  #find(bytes: Uint8Array, keyStart: number, keyLength: number): number {
    const hash = this.#hash
    hash.hash(bytes, keyStart, keyLength)
    const hashes = this.#hashes
    for (let slot = (hash.word0 >>> 0) % this.#slots; ; slot = (slot + 1) % this.#slots) {
      if (this.#offsets[slot] === 0) return slot
      const at = slot * WORDS
      if (
        hashes[at] === hash.word0 &&
        hashes[at + 1] === hash.word1 &&
        hashes[at + 2] === hash.word2 &&
        hashes[at + 3] === hash.word3
      )
        return slot
    }
  }
}

/** How many slots a map needs for `keys` keys at most, within `bytesMax` of memory. */
export function slotsFor(keys: number, bytesMax: number, loadMax: number): number {
  const wanted = Math.ceil((keys + 1) / Math.min(1, Math.max(loadMax, 0.1)))
  return Math.max(2, Math.min(wanted, Math.floor(bytesMax / SLOT_BYTES)))
}
