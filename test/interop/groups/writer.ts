import { setTimeout as delay } from 'node:timers/promises'
import type { Producer, Varve } from '@varve/client'

/** Writes numbers to each partition of a topic of its own: the value of each record is its offset. */
export class Writer {
  /** The offset after the last record that was acknowledged, for each partition. */
  readonly ends: number[]
  readonly #topic: string
  readonly #producer: Producer
  #loop: Promise<void> | undefined
  #isStopped = false

  constructor(varve: Varve, topic: string, partitions: number) {
    this.#topic = topic
    this.#producer = varve.producer()
    this.ends = Array.from({ length: partitions }, () => 0)
  }

  /** Writes so many records to each partition. */
  async write(count: number): Promise<void> {
    const records = this.ends.flatMap((end, partition) =>
      Array.from({ length: count }, (_, index) => ({
        topic: this.#topic,
        partition,
        value: `${end + index}`,
      })),
    )
    await this.#producer.sendBatch(records)
    for (const partition of this.ends.keys())
      this.ends[partition] = (this.ends[partition] ?? 0) + count
  }

  /** Writes a few to each partition again and again, until `pause`. */
  start(every: { readonly count: number; readonly ms: number }): void {
    this.#isStopped = false
    this.#loop = this.#writeOn(every)
  }

  /** Resolves when what it began is written. */
  async pause(): Promise<void> {
    this.#isStopped = true
    await this.#loop
  }

  async stop(): Promise<void> {
    await this.pause()
    await this.#producer.close()
  }

  async #writeOn({ count, ms }: { readonly count: number; readonly ms: number }): Promise<void> {
    while (!this.#isStopped) {
      await this.write(count)
      await delay(ms)
    }
  }
}
