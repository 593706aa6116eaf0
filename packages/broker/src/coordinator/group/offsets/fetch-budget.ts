import { Buffer } from 'node:buffer'

/** Of all groups together. What a client has committed comes nowhere near it, unless it asks for the same a thousand times. */
const ANSWER_BYTES_MAX = 67_108_864
/** A partition's numbers and lengths. */
const PARTITION_BYTES = 24

/** What the answer to one OffsetFetch may come to: a small request could name a large offset again and again. */
export class FetchBudget {
  #leftBytes = ANSWER_BYTES_MAX

  get isSpent(): boolean {
    return this.#leftBytes < 0
  }

  spendPartition(metadata: string): void {
    this.#leftBytes -= PARTITION_BYTES + (metadata === '' ? 0 : Buffer.byteLength(metadata))
  }
}
