import type { JournalEntry, JournalPlace } from './journal/entry.ts'
import type { SegmentList } from './segment-list.ts'

/** Extents over all records of a range that is written to segments: the journal syncs those instead of copying the bytes. */
export function extentsOf(
  list: SegmentList,
  owner: Pick<JournalPlace, 'topicId' | 'partition' | 'leaderEpoch'>,
  range: { readonly baseOffset: number; readonly endOffset: number },
): JournalEntry[] {
  if (range.baseOffset >= range.endOffset) return []
  const segments = list.from(range.baseOffset)
  return segments.flatMap((segment, index): JournalEntry[] => {
    const nextBase = segments[index + 1]?.baseOffset ?? range.endOffset
    const endOffset = Math.min(nextBase, range.endOffset)
    const baseOffset = Math.max(range.baseOffset, segment.baseOffset)
    if (baseOffset >= endOffset) return []
    const place = { segmentBaseOffset: segment.baseOffset, segmentPosition: 0 }
    const { sizeBytes } = segment
    return [{ type: 'extent', ...owner, baseOffset, endOffset, ...place, sizeBytes, segment }]
  })
}
