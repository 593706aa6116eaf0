/** Which segments of a log have outlived their time: whole ones, the oldest first, and never beyond the high watermark (L10). */
import type { LogSettings } from './log-settings.ts'
import type { Segment } from './segment.ts'

export interface RetentionView {
  readonly segments: readonly Segment[]
  readonly settings: LogSettings
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
  readonly now: number
}

/** How many of the oldest segments may go. All of them, the active one included: then the log rolls first. */
export async function expiredSegmentCount(view: RetentionView): Promise<number> {
  const beforeStart = countWhile(view, ({ end }) => end <= view.logStartOffset)
  if (!view.settings.cleanupPolicy.includes('delete'))
    return Math.min(beforeStart, view.segments.length - 1)
  const byTime = await expiredByTime(view)
  return Math.max(Math.min(beforeStart, view.segments.length - 1), byTime, expiredBySize(view))
}

async function expiredByTime(view: RetentionView): Promise<number> {
  const { retentionMs } = view.settings
  if (retentionMs < 0) return 0
  let count = 0
  for (const segment of view.segments) {
    const isActive = count === view.segments.length - 1
    if (endOf(view, count) > view.highWatermark || (isActive && segment.sizeBytes === 0)) break
    if (view.now - (await newestTimestamp(segment)) <= retentionMs) break
    count++
  }
  return count
}

/** The largest timestamp of a record, or when the file was last written, if no record has one. */
async function newestTimestamp(segment: Segment): Promise<number> {
  if (segment.maxTimestamp === undefined) await segment.requireIndexes()
  const timestamp = segment.maxTimestamp ?? -1
  return timestamp >= 0 ? timestamp : segment.createdMs
}

/** Only whole segments go, and only as long as what stays is not less than the limit; the active one is written to. */
function expiredBySize(view: RetentionView): number {
  const { retentionBytes } = view.settings
  if (retentionBytes < 0) return 0
  let excessBytes = -retentionBytes
  for (const { sizeBytes } of view.segments) excessBytes += sizeBytes
  const count = countWhile(view, ({ segment, end }) => {
    if (end > view.highWatermark || excessBytes < segment.sizeBytes) return false
    excessBytes -= segment.sizeBytes
    return true
  })
  return Math.min(count, view.segments.length - 1)
}

function countWhile(
  view: RetentionView,
  holds: (candidate: { segment: Segment; end: number }) => boolean,
): number {
  let count = 0
  for (const segment of view.segments) {
    if (!holds({ segment, end: endOf(view, count) })) break
    count++
  }
  return count
}

function endOf(view: RetentionView, index: number): number {
  return view.segments[index + 1]?.baseOffset ?? view.logEndOffset
}
