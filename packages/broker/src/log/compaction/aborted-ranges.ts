/** Which transactions were aborted. The log itself says it: their markers lie behind their records. */
import { controlRecordsOf, type RecordBatch } from '@varve/protocol'
import type { Segment } from '../segment.ts'
import { batchesFrom, type WindowTools } from './batch-windows.ts'

interface OffsetRange {
  readonly firstOffset: number
  readonly lastOffset: number
}

/** The offsets of aborted transactions by producer. */
export class AbortedRanges {
  readonly #ranges = new Map<number, OffsetRange[]>()

  /** Transactions of one producer are added in the order of their offsets. */
  add(producerId: number, range: OffsetRange): void {
    const ranges = this.#ranges.get(producerId)
    if (ranges === undefined) this.#ranges.set(producerId, [range])
    else ranges.push(range)
  }

  /** Whether the batch of records belongs to an aborted transaction. */
  cover(batch: RecordBatch): boolean {
    if (!batch.isTransactional || this.#ranges.size === 0) return false
    const ranges = this.#ranges.get(batch.producerId)
    if (ranges === undefined) return false
    const offset = batch.baseOffset
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle] as OffsetRange).lastOffset < offset) low = middle + 1
      else high = middle
    }
    const found = ranges[low]
    return found !== undefined && found.firstOffset <= offset
  }
}

/**
 * Finds the transactions that were aborted at or behind `from`, in everything that is written: a marker may lie far behind the records.
 * Below `from` there are no aborted records any more.
 */
export async function findAborted(
  segments: readonly Segment[],
  from: number,
  tools: WindowTools,
): Promise<AbortedRanges> {
  const aborted = new AbortedRanges()
  const firstOffsets = new Map<number, number>()
  for (const segment of segments) {
    for await (const { batch } of batchesFrom(segment, 0, tools)) {
      if (batch.lastOffset < from || !batch.isTransactional) continue
      const { producerId } = batch
      if (!batch.isControl) {
        if (!firstOffsets.has(producerId)) firstOffsets.set(producerId, batch.baseOffset)
        continue
      }
      const firstOffset = firstOffsets.get(producerId) ?? from
      firstOffsets.delete(producerId)
      if (controlRecordsOf(batch)[0]?.type === 'ABORT')
        aborted.add(producerId, { firstOffset, lastOffset: batch.lastOffset })
    }
  }
  return aborted
}
