/** A consumer of a walk with `read_committed`: what it has seen is compared with what is committed in the end. */
import { errorName, Fetch } from '@varve/protocol'
import {
  type CommittedRecord,
  committedIn,
  type FetchedPartition,
} from '../support/read-committed.ts'
import { holds } from './holds.ts'
import { TOPIC } from './transaction-producer.ts'
import type { WholeBroker } from './whole-broker.ts'

interface Place {
  readonly partition: number
  readonly fetchOffset: number
}

export class TransactionReader {
  readonly #broker: WholeBroker
  /** By partition, all that was ever handed out, in order. */
  readonly seen: CommittedRecord[][]
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
      const all: CommittedRecord[] = []
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
    const committed = committedIn(found, fetchOffset)
    holds(committed.next <= Math.max(lastStableOffset, fetchOffset), 'T3: what is open is not read')
    return { ...committed, lastStableOffset, highWatermark }
  }
}

interface Found extends FetchedPartition {
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
}
