import type { Consumer, Varve } from '@varve/client'

/** Reads the committed records of counts while they come, and holds them against the rule: each word counts 1, 2, 3 and so on. */
export class CountsReader {
  readonly counts = new Map<string, number>()
  readonly faults: string[] = []
  /** How many records it has read. */
  total = 0
  readonly #consumer: Consumer
  readonly #reading: Promise<void>

  /** From the beginning; `stopAtEnd` reads what is there, and `ended` tells when. */
  constructor(varve: Varve, topic: string, stopAtEnd: 'stopAtEnd' | 'goOn') {
    this.#consumer = varve.consumer({
      topics: [topic],
      startAt: 'earliest',
      isolationLevel: 'read_committed',
      stopAtEnd: stopAtEnd === 'stopAtEnd',
    })
    this.#reading = this.#read().catch((error: unknown) => {
      this.faults.push(`the reader ended: ${String(error)}`)
    })
  }

  get ended(): Promise<void> {
    return this.#reading
  }

  async #read(): Promise<void> {
    for await (const { key, value, partition, offset } of this.#consumer) {
      const word = key?.toString() ?? ''
      const count = Number(value?.readBigInt64BE())
      const before = this.counts.get(word) ?? 0
      if (count !== before + 1)
        this.faults.push(`${word} counts ${count} after ${before} at ${partition}:${offset}`)
      this.counts.set(word, count)
      this.total += 1
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.close()
    await this.#reading
  }
}
