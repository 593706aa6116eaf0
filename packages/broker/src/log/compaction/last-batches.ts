/** Which batches tell where the producers are: they stay as empty headers at least (C5), so that a restart knows it too (T2). */
import type { RecordBatch } from '@varve/protocol'
import type { ProducerEntry } from '../producer-state.ts'

interface LastOfProducer {
  readonly producerEpoch: number
  /** Empty after a marker that raised the epoch, and without sequences: then the newest marker stays. */
  readonly lastOffsets: readonly number[]
}

export class LastBatches {
  readonly #producers = new Map<number, LastOfProducer>()
  readonly #newestMarkers: ReadonlyMap<number, number>

  /**
   * Beside the newest batch of each producer this keeps the newest one below `endOffset`, where the cleaning ends: those behind it may
   * not be written yet, and be taken back. `newestMarkers`: by producer, as far as it is known.
   */
  constructor(
    producers: Iterable<ProducerEntry>,
    endOffset: number,
    newestMarkers: ReadonlyMap<number, number>,
  ) {
    this.#newestMarkers = newestMarkers
    for (const { producerId, producerEpoch, batches } of producers) {
      const newest = batches.at(-1)
      const below = batches.findLast(({ lastOffset }) => lastOffset < endOffset)
      const lastOffsets = [newest, below].flatMap(batch => (batch ? [batch.lastOffset] : []))
      this.#producers.set(producerId, { producerEpoch, lastOffsets })
    }
  }

  include(batch: RecordBatch): boolean {
    if (!batch.hasProducer) return false
    const last = this.#producers.get(batch.producerId)
    if (last === undefined) return false
    if (last.lastOffsets.length > 0)
      return !batch.isControl && last.lastOffsets.includes(batch.lastOffset)
    const isNewest = batch.lastOffset >= (this.#newestMarkers.get(batch.producerId) ?? 0)
    return batch.isControl && batch.producerEpoch === last.producerEpoch && isNewest
  }
}
