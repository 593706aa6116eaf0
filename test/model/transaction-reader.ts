/** A consumer of a walk with `read_committed`: what it has seen is compared with what is committed in the end. */
import { batchesOf, errorName, Fetch, recordsOf } from '@varve/protocol'
import { codecs } from './codecs.ts'
import { holds } from './holds.ts'
import { TOPIC } from './transaction-producer.ts'
import type { WholeBroker } from './whole-broker.ts'

interface Seen {
  readonly offset: number
  readonly value: string
}

interface Place {
  readonly partition: number
  readonly fetchOffset: number
}

export class TransactionReader {
  readonly #broker: WholeBroker
  /** By partition, all that was ever handed out, in order. */
  readonly seen: Seen[][]
  readonly #positions: number[]

  constructor(broker: WholeBroker, partitions: number) {
    this.#broker = broker
    this.seen = Array.from({ length: partitions }, () => [])
    this.#positions = Array.from({ length: partitions }, () => 0)
  }

  /** One fetch of each partition from where the reader is. */
  async read(): Promise<void> {
    for (const [partition, fetchOffset] of this.#positions.entries()) {
      const { records, next } = await this.#fetch({ partition, fetchOffset })
      this.seen[partition]?.push(...records)
      this.#positions[partition] = next
    }
  }

  /** Reads all partitions from their beginning, and says where each is stable and where it ends. */
  async readAll() {
    const found = []
    for (const partition of this.seen.keys()) {
      const all: Seen[] = []
      let at = 0
      for (;;) {
        const { records, next, ...ends } = await this.#fetch({ partition, fetchOffset: at })
        all.push(...records)
        if (next === at) {
          found.push({ all, ...ends })
          break
        }
        at = next
      }
    }
    return found
  }

  async #fetch({ partition, fetchOffset }: Place) {
    const link = this.#broker.connect()
    const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }]
    const request = {
      ...{ replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, isolationLevel: 1 },
      topics: [{ topic: TOPIC, partitions }],
    }
    const read: { found?: Found } = {}
    link.send({ api: Fetch, version: 12, request }, response => {
      const [found] = response.responses[0]?.partitions ?? []
      if (found !== undefined) read.found = found
    })
    await this.#broker.settle()
    link.hear()
    link.close()
    const { found } = read
    if (found === undefined) throw new Error('a fetch is answered')
    const error = errorName(found.errorCode)
    holds(error === 'NONE', 'a partition can be read', () => `${TOPIC}-${partition}: ${error}`)
    const { lastStableOffset, highWatermark } = found
    holds(lastStableOffset <= highWatermark, 'L2: what is stable is committed')
    return { ...committedOf(found, fetchOffset), lastStableOffset, highWatermark }
  }
}

interface Found {
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly abortedTransactions:
    | readonly { readonly producerId: number; readonly firstOffset: number }[]
    | null
  readonly records: Uint8Array | null
}

/** As clients do it (KIP-98): the answer names the aborted transactions, their markers end them. */
function committedOf({ records, abortedTransactions, lastStableOffset }: Found, from: number) {
  const aborted = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset)
  const producers = new Set<number>()
  const committed: Seen[] = []
  let next = from
  for (const batch of batchesOf(records ?? new Uint8Array())) {
    holds(batch.lastOffset < lastStableOffset, 'T3: nothing beyond the last stable offset is read')
    next = batch.lastOffset + 1
    while (aborted[0] !== undefined && aborted[0].firstOffset <= batch.lastOffset)
      producers.add(aborted.shift()?.producerId ?? -1)
    const all = [...recordsOf(batch, codecs)]
    if (batch.isControl) {
      if (all[0]?.key?.readInt16BE(2) === 0) producers.delete(batch.producerId)
      continue
    }
    if (producers.has(batch.producerId)) continue
    for (const { offset, value } of all)
      if (offset >= from) committed.push({ offset, value: value?.toString() ?? '' })
  }
  return { records: committed, next }
}
