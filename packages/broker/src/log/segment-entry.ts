import type { RecordBatch } from '@varve/protocol'
import type { SegmentBatch } from './segment.ts'

const NO_TIMESTAMP = -1

/** What a segment has to know of a batch. One that compaction has left without records has a time that no record has. */
export function entryOf(batch: RecordBatch): SegmentBatch {
  const { baseOffset, lastOffset, sizeBytes } = batch
  const maxTimestamp = batch.recordsCount === 0 ? NO_TIMESTAMP : batch.maxTimestamp
  return { baseOffset, lastOffset, sizeBytes, maxTimestamp }
}
