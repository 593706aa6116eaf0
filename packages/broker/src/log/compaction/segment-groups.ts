/** Which segments are cleaned into one: neighbours, as many as surely fit. */
import { BATCH_HEADER_BYTES } from '@varve/protocol'
import type { LogSettings } from '../log-settings.ts'
import type { Segment } from '../segment.ts'

const RELATIVE_OFFSET_MAX = 0x7fff_ffff
/** The larger one, of the time index. */
const INDEX_ENTRY_BYTES = 12

export type GroupLimits = Pick<
  LogSettings,
  'segmentBytes' | 'segmentIndexBytes' | 'indexIntervalBytes'
>

/** Groups neighbours, by what they take before they are cleaned; `endOffset` is where the segment after the last one begins. */
export function segmentGroups(
  segments: readonly Segment[],
  endOffset: number,
  limits: GroupLimits,
): readonly (readonly Segment[])[] {
  const bytesPerEntry = Math.max(BATCH_HEADER_BYTES, limits.indexIntervalBytes + 1)
  const entriesMax = Math.floor(limits.segmentIndexBytes / INDEX_ENTRY_BYTES) - 1
  const sizeBytesMax = Math.min(limits.segmentBytes, entriesMax * bytesPerEntry)
  const groups: Segment[][] = []
  let groupBytes = 0
  for (const [index, segment] of segments.entries()) {
    const group = groups.at(-1)
    const first = group?.[0]
    const nextBase = segments[index + 1]?.baseOffset ?? endOffset
    const fits =
      first !== undefined &&
      groupBytes + segment.sizeBytes <= sizeBytesMax &&
      nextBase - first.baseOffset <= RELATIVE_OFFSET_MAX
    if (fits) group?.push(segment)
    else groups.push([segment])
    groupBytes = fits ? groupBytes + segment.sizeBytes : segment.sizeBytes
  }
  return groups
}
