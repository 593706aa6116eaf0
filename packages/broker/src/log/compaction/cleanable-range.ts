/** Which part of a log may be cleaned, and whether that is worth it, by Kafka's rules. */
import { firstTimestampOf } from '../first-timestamp.ts'
import type { LogSettings } from '../log-settings.ts'
import type { Segment } from '../segment.ts'

export interface CleanableView {
  readonly segments: readonly Segment[]
  readonly settings: LogSettings
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Cleaning does not go beyond the first open transaction nor the high watermark (C4, L10). */
  readonly lastStableOffset: number
  /** Nor beyond what is synced, journal or not: a start believes the gaps of compaction only there. */
  readonly recoveryPoint: number
  /** Where the last cleaning ended; undefined when there was none. */
  readonly cleanedTo: number | undefined
  /** The wall clock. */
  readonly now: number
}

export interface CleanableRange {
  readonly firstDirtyOffset: number
  /** The base offset of the first segment that may not be cleaned. */
  readonly endOffset: number
  readonly cleanBytes: number
  readonly dirtyBytes: number
  /** Dirty bytes by all that may be cleaned; 0 when there is nothing. */
  readonly dirtyRatio: number
  /** `max.compaction.lag.ms` has passed for a record. */
  readonly isOverdue: boolean
}

export async function cleanableRange(view: CleanableView): Promise<CleanableRange> {
  const { segments } = view
  const firstDirtyOffset = firstDirtyOf(view)
  const bound = await boundOf(view, firstDirtyOffset)
  // The segment that holds the bound is not cleaned.
  const endOffset = (
    segments.findLast(({ baseOffset }) => baseOffset <= bound) ?? (segments[0] as Segment)
  ).baseOffset
  let cleanBytes = 0
  let dirtyBytes = 0
  for (const [index, { baseOffset, sizeBytes }] of segments.entries()) {
    if (baseOffset >= endOffset) break
    const nextBase = segments[index + 1]?.baseOffset ?? view.logEndOffset
    if (nextBase > firstDirtyOffset) dirtyBytes += sizeBytes
    else cleanBytes += sizeBytes
  }
  const totalBytes = cleanBytes + dirtyBytes
  return {
    firstDirtyOffset,
    endOffset,
    cleanBytes,
    dirtyBytes,
    dirtyRatio: totalBytes === 0 ? 0 : dirtyBytes / totalBytes,
    isOverdue: dirtyBytes > 0 && (await isOverdue(view, { firstDirtyOffset, endOffset })),
  }
}

/** A checkpoint that cannot be right means that everything is dirty. */
function firstDirtyOf({ cleanedTo, logStartOffset, logEndOffset }: CleanableView): number {
  const isPossible =
    cleanedTo !== undefined && cleanedTo >= logStartOffset && cleanedTo <= logEndOffset
  return isPossible ? cleanedTo : logStartOffset
}

async function boundOf(view: CleanableView, firstDirtyOffset: number): Promise<number> {
  const { segments, settings, lastStableOffset, recoveryPoint } = view
  const active = segments.at(-1) as Segment
  const bound = Math.min(lastStableOffset, recoveryPoint, active.baseOffset)
  const lagMs = settings.minCompactionLagMs
  if (lagMs <= 0) return bound
  for (const [index, segment] of segments.entries()) {
    if (segment.baseOffset >= bound) return bound
    if ((segments[index + 1]?.baseOffset ?? view.logEndOffset) <= firstDirtyOffset) continue
    if ((await newestTimestamp(segment)) > view.now - lagMs) return segment.baseOffset
  }
  return bound
}

async function newestTimestamp(segment: Segment): Promise<number> {
  if (segment.maxTimestamp === undefined) await segment.requireIndexes()
  const timestamp = segment.maxTimestamp ?? -1
  return timestamp >= 0 ? timestamp : segment.createdMs
}

async function isOverdue(
  view: CleanableView,
  range: { readonly firstDirtyOffset: number; readonly endOffset: number },
): Promise<boolean> {
  const { maxCompactionLagMs } = view.settings
  if (maxCompactionLagMs >= Number.MAX_SAFE_INTEGER) return false
  for (const [index, segment] of view.segments.entries()) {
    if (segment.baseOffset >= range.endOffset) return false
    if ((view.segments[index + 1]?.baseOffset ?? view.logEndOffset) <= range.firstDirtyOffset)
      continue
    const timestamp = (await firstTimestampOf(segment)) ?? -1
    if (timestamp > 0 && timestamp < view.now - maxCompactionLagMs) return true
  }
  return false
}
