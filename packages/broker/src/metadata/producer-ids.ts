/** Producer ids of this broker, from blocks that the metadata hands out. What is left of a block at a stop is never used. */
import { assert } from '../assert.ts'
import { amend } from './amend.ts'
import type { MetadataStore } from './store.ts'

/** How many ids one record of the metadata log takes. */
export const PRODUCER_ID_BLOCK = 1000

export class ProducerIdBlocks {
  readonly #store: MetadataStore
  readonly #brokerId: number
  #next = 0
  #end = 0
  #refill: Promise<void> | undefined

  constructor(store: MetadataStore, brokerId: number) {
    this.#store = store
    this.#brokerId = brokerId
  }

  /** An id that nobody had before. Rejects with a `DiskError` when a new block could not be made durable. */
  next(): number | Promise<number> {
    return this.#next < this.#end ? this.#next++ : this.#afterRefill()
  }

  async #afterRefill(): Promise<number> {
    // Many may wait for one block, and it may be used up before the last of them gets its turn.
    while (this.#next >= this.#end) {
      this.#refill ??= this.#takeBlock().finally(() => {
        this.#refill = undefined
      })
      await this.#refill
    }
    return this.#next++
  }

  async #takeBlock(): Promise<void> {
    const first = await amend(this.#store, image => ({
      outcome: image.nextProducerId,
      changes: [
        {
          type: 'ProducerIdsRecord',
          brokerId: this.#brokerId,
          nextProducerId: image.nextProducerId + PRODUCER_ID_BLOCK,
        },
      ],
    }))
    assert(first >= this.#end, 'producer ids only grow')
    this.#next = first
    this.#end = first + PRODUCER_ID_BLOCK
  }
}
