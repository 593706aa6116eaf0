/** What must hold of every batch of a log (L3, L4): its checksum is right, offsets follow each other, epochs do not go back. */
import type { Crc32c, RecordBatch } from '@varve/protocol'

const RELATIVE_OFFSET_MAX = 0x7fff_ffff

/** What the batches before one, and the segment that it lies in, say about it. */
export interface BatchBounds {
  readonly segmentBaseOffset: number
  /** The offset behind the batch before. */
  readonly nextOffset: number
  /** Up to here offsets may be missing: compaction has taken their records. */
  readonly gapsTo: number
  /** Where the segment ends: every offset in it lies below. */
  readonly endOffset: number
  /** The epoch of the batch before. */
  readonly leaderEpoch: number
}

/** What is wrong with a batch, and in words: the end of a sentence about it. A `gap` is what compaction may have left, but beyond `gapsTo`. */
export interface BatchFlaw {
  readonly type: 'checksum' | 'gap' | 'offsets' | 'epoch'
  readonly about: string
}

/** What is wrong with a whole batch; undefined when nothing is. */
export function flawOf(
  batch: RecordBatch,
  bounds: BatchBounds,
  crc32c: Crc32c,
): BatchFlaw | undefined {
  if (!batch.crcIsValid(crc32c)) return { type: 'checksum', about: 'its checksum is wrong' }
  const { baseOffset } = batch
  const { nextOffset, gapsTo } = bounds
  const offsets = offsetFlawOf(batch, bounds)
  if (offsets !== undefined) return { type: 'offsets', about: offsets }
  if (baseOffset > nextOffset && baseOffset > gapsTo)
    return { type: 'gap', about: `its base offset is ${baseOffset}: ${nextOffset} is missing` }
  const epoch = epochFlawOf(batch, bounds)
  return epoch === undefined ? undefined : { type: 'epoch', about: epoch }
}

/** The checksum covers neither the base offset nor the epoch. */
function offsetFlawOf(batch: RecordBatch, bounds: BatchBounds): string | undefined {
  const { baseOffset, lastOffset, recordsCount } = batch
  const { nextOffset, endOffset, segmentBaseOffset } = bounds
  if (baseOffset < nextOffset)
    return `its base offset ${baseOffset} was there before: ${nextOffset} is next`
  if (lastOffset < baseOffset || lastOffset - segmentBaseOffset > RELATIVE_OFFSET_MAX)
    return `its offsets ${baseOffset} to ${lastOffset} cannot be`
  if (lastOffset >= endOffset)
    return `its last offset ${lastOffset} lies beyond ${endOffset}, where the segment ends`
  return recordsCount < 0 ? `it has ${recordsCount} records` : undefined
}

function epochFlawOf(
  { partitionLeaderEpoch }: RecordBatch,
  bounds: BatchBounds,
): string | undefined {
  return partitionLeaderEpoch < bounds.leaderEpoch
    ? `its leader epoch ${partitionLeaderEpoch} goes back: ${bounds.leaderEpoch} was before`
    : undefined
}
