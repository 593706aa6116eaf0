import { Parts } from './parts.ts'
import type { PendingBatch } from './pending-write.ts'
import type { Segment, SegmentLimits } from './segment.ts'
import type { SegmentList } from './segment-list.ts'

/** More is left to the next write: while one is under way, nothing of it can be synced. */
const WRITE_BYTES_MAX = 8 * 1024 * 1024

/** Where the thread pool writes pending batches: one after another at the end of one segment, so that all of them are written or none. */
export interface Placement {
  readonly segment: Segment
  /** The first of what is pending, at least one. */
  readonly batches: readonly PendingBatch[]
  /** The segment is no part of the log yet: when the write fails, it never was one. */
  readonly isNewSegment: boolean
}

/**
 * Finds the place of the first pending batch, and of those after it that go there without another look: the log takes note of all of
 * them when they are written.
 */
export function place(
  pending: readonly PendingBatch[],
  segments: SegmentList,
  limits: SegmentLimits,
  now: number,
): Placement {
  const first = pending[0] as PendingBatch
  const { active } = segments
  if (active.isFullFor(first, limits, now)) {
    const segment = segments.next(first.baseOffset, now)
    return { segment, batches: [first], isNewSegment: true }
  }
  const count = fittingCount(pending, active, limits, now)
  return { segment: active, batches: pending.slice(0, count), isNewSegment: false }
}

/** The bytes as they are written. */
export function partsOf({ batches }: Placement): readonly Uint8Array[] {
  const parts = new Parts()
  for (const { block, start, sizeBytes } of batches)
    parts.add(block.buffer, start, start + sizeBytes)
  parts.finish()
  return parts.list
}

/** How many are entered without a roll between them. An empty segment cannot say of the second before it knows the first. */
function fittingCount(
  pending: readonly PendingBatch[],
  segment: Segment,
  limits: SegmentLimits,
  now: number,
): number {
  if (segment.sizeBytes === 0) return 1
  let sizeBytes = 0
  let count = 0
  for (const batch of pending) {
    sizeBytes += batch.sizeBytes
    const isTooMuch = count > 0 && sizeBytes > WRITE_BYTES_MAX
    if (isTooMuch || segment.isFullFor({ ...batch, sizeBytes }, limits, now)) break
    count++
    if (count >= entriesLeft(segment, limits)) break
  }
  return Math.max(1, count)
}

/** Each batch may take an entry of both indexes. */
function entriesLeft({ indexes }: Segment, { segmentIndexBytes }: SegmentLimits): number {
  if (indexes === undefined) return Number.POSITIVE_INFINITY
  const { offsets, times } = indexes
  return Math.min(
    Math.floor(segmentIndexBytes / 8) - offsets.count,
    Math.floor(segmentIndexBytes / 12) - 1 - times.count,
  )
}
