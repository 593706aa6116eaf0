import { DiskError } from '../world.ts'
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
  storageFailed(error: DiskError): void
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
  await removeOldest(log, await removableCount(log, caches, count))
}

/**
 * The snapshot at the new start stands in for what the deleted batches said of their producers. On a full disk those segments may go whose successor
 * has its own: that makes room for the others.
 */
async function removableCount(log: RetainedLog, caches: LogCaches, count: number): Promise<number> {
  const successors = log.segments.all.slice(1, count + 1)
  try {
    await caches.writeSnapshots()
    return count
  } catch (error) {
    if (!(error instanceof DiskError) || !error.isFullDisk) throw error
    const unwritten = caches.unwrittenSnapshot ?? Number.POSITIVE_INFINITY
    const removable = successors.filter(({ baseOffset }) => baseOffset < unwritten).length
    if (removable === 0) throw error
    return removable
  }
}

/** Everything has expired: a new, empty segment remembers the log's end, and is on the disk before the others go. */
async function rollEmpty(log: RetainedLog, caches: LogCaches, now: number): Promise<void> {
  caches.snapshotAt(log.logEndOffset, [...log.producers.entries()])
  const segment = log.segments.roll(log.logEndOffset, now)
  segment.createNow()
  await segment.sync()
}

/**
 * One segment after another, the oldest first: a crash must leave neither a hole between two nor a segment without the producer snapshot that it
 * begins with. Readers are told a new log start only when no crash can bring back what lay before it. A segment whose name cannot be
 * taken away stays in the log, and is tried again the next time.
 */
async function removeOldest(log: RetainedLog, count: number): Promise<void> {
  const { segments, removal, settings } = log
  const renamed: string[] = []
  try {
    if (log.isClosedOrOffline) return
    // What stays must have its names on the disk before the names of the others go.
    await removal.syncNames()
    for (let left = count; left > 0 && !log.isClosedOrOffline; left--) {
      const segment = segments.first
      try {
        await segments.removeFirst({
          takeName: () => removal.takeName(segment, renamed),
          settle: () => settle(log),
        })
      } finally {
        // Once it has left the log nobody else closes it, whatever came then.
        if (segments.first !== segment) await segment.closeFile()
      }
      await removal.takeCompanions(segment, renamed)
    }
    await removal.syncNames()
  } finally {
    removal.unlinkLater(renamed, settings.fileDeleteDelayMs)
  }
}

/** When nobody knows whether a name is gone from the disk, nobody may say so: the log goes offline, as when a disk fails while compaction changes names. */
async function settle(log: RetainedLog): Promise<void> {
  try {
    await log.removal.syncNames()
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    // Without a free file handle nothing was tried: a killed broker cannot bring the segment back, and the next look syncs its name.
    if (error.isShortOfFiles) log.startAt(log.segments.first.baseOffset)
    else log.storageFailed(error)
    throw error
  }
  log.startAt(log.segments.first.baseOffset)
}
