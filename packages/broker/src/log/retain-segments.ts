import type { LogCaches } from './log-caches.ts'
import type { LogSettings } from './log-settings.ts'
import type { ProducerState } from './producer-state.ts'
import { expiredSegmentCount } from './retention.ts'
import type { SegmentList } from './segment-list.ts'
import type { SegmentRemoval } from './segment-removal.ts'

/** A log whose old segments are to go. The ends are asked again after every wait. */
export interface RetainedLog {
  readonly segments: SegmentList
  readonly producers: ProducerState
  readonly settings: LogSettings
  readonly removal: SegmentRemoval
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly hasPending: boolean
  readonly isClosedOrOffline: boolean
  startAt(offset: number): void
}

/** Deletes the segments that retention or DeleteRecords have given up. Never run twice at once on a log. */
export async function retainSegments(
  log: RetainedLog,
  caches: LogCaches,
  moment: { readonly now: number; readonly highWatermark: number },
): Promise<void> {
  if (log.isClosedOrOffline) return
  const segments = log.segments.all
  const { settings, logStartOffset, logEndOffset } = log
  const view = { segments, settings, logStartOffset, logEndOffset }
  const count = await expiredSegmentCount({ ...view, ...moment })
  const hasGrown = log.logEndOffset !== logEndOffset || log.hasPending
  if (count === 0 || hasGrown || log.isClosedOrOffline) return
  if (count === segments.length) await rollEmpty(log, caches, moment.now)
  if (log.isClosedOrOffline) return
  // The snapshot at the new start stands in for what the deleted batches said of their producers.
  await caches.writeSnapshots()
  if (log.isClosedOrOffline) return
  const dropped = log.segments.dropFirst(count)
  log.startAt(log.segments.first.baseOffset)
  await log.removal.remove(dropped, settings.fileDeleteDelayMs)
}

/** Everything has expired: a new, empty segment remembers the log's end, and is on the disk before the others go. */
async function rollEmpty(log: RetainedLog, caches: LogCaches, now: number): Promise<void> {
  caches.snapshotAt(log.logEndOffset, [...log.producers.entries()])
  const segment = log.segments.roll(log.logEndOffset, now)
  segment.createNow()
  await segment.sync()
}
