/**
 * A start after a crash need not scan a segment from its first byte when a recovery mark lies in it: a producer snapshot somewhere in the
 * segment, below the recovery point. Before a mark is written, all bytes below it and the index entries for them are synced.
 */
import { firstTimestampOf } from './first-timestamp.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { LogFolder } from './log-folder.ts'
import type { LoadTools } from './log-tools.ts'
import { scanSegment } from './scan-segment.ts'
import type { Segment, SegmentResume } from './segment.ts'
import { entryOf } from './segment-entry.ts'
import type { SegmentList } from './segment-list.ts'
import { flawOf } from './verify/batch-rules.ts'

/** Where the scan of a segment goes on, whose indexes know what lies before. */
export interface ResumePoint extends SegmentResume {
  /** The mark: what the producers did below it is in its snapshot. */
  readonly mark: number
  readonly leaderEpoch: number
}

export interface ResumeSource {
  readonly segments: SegmentList
  readonly leaderEpochs: LeaderEpochs
  readonly folder: LogFolder | undefined
  readonly recoveryPoint: number
}

/**
 * Where the scan of the segment that holds the recovery point may begin, by the newest mark. Undefined when there is no mark, when it would save little, or
 * when anything about it cannot be right: then the whole segment is scanned. Rejects with a `DiskError`.
 */
export async function resumePointOf(
  segment: Segment,
  source: ResumeSource,
  tools: LoadTools,
): Promise<ResumePoint | undefined> {
  const mark = markIn(segment, source)
  // Without leader epochs their file was lost, and the scan has to find them.
  if (mark === undefined || source.leaderEpochs.latest < 0) return undefined
  const indexes = await segment.loadIndexes()
  if (indexes === undefined || (await segment.transactions.load()) === undefined) return undefined
  const entry = indexes.offsets.entryBelow(mark)
  if (entry === undefined || entry.position < tools.limits.recoveryMarkBytes / 2) return undefined
  const firstTimestamp = await firstTimestampOf(segment)
  if (firstTimestamp === undefined) return undefined
  let resume: ResumePoint | undefined
  await scanSegment(await segment.open(), {
    from: entry.position,
    to: segment.sizeBytes,
    visit: batch => {
      const { baseOffset: nextOffset, lastOffset, partitionLeaderEpoch } = batch
      const bounds = {
        ...{ segmentBaseOffset: segment.baseOffset, nextOffset, gapsTo: 0, leaderEpoch: -1 },
        endOffset: mark,
      }
      if (lastOffset !== entry.offset || flawOf(batch, bounds, tools.crc32c) !== undefined)
        return 'invalid'
      resume = {
        ...{ mark, leaderEpoch: partitionLeaderEpoch, transactionsTo: mark },
        ...{ batch: entryOf(batch), position: entry.position, firstTimestamp },
      }
      return 'invalid'
    },
  })
  return resume
}

/** Producer snapshots elsewhere than where a segment begins: recovery marks, and what clean stops wrote. */
export function marksOf(folder: LogFolder | undefined, segments: SegmentList): readonly number[] {
  const bases = new Set(segments.all.map(({ baseOffset }) => baseOffset))
  const snapshots = folder?.files.get('snapshot') ?? []
  return snapshots.flatMap(({ offset }) => (bases.has(offset) ? [] : [offset]))
}

/** The newest mark in the segment that counts. Where the segment begins there is a snapshot, too, or it begins the log. */
function markIn(
  { baseOffset }: Segment,
  { segments, folder, recoveryPoint }: ResumeSource,
): number | undefined {
  const offsets = (folder?.files.get('snapshot') ?? []).map(({ offset }) => offset)
  const isFirst = segments.first.baseOffset === baseOffset
  if (!isFirst && !offsets.includes(baseOffset)) return undefined
  return offsets.findLast(offset => offset > baseOffset && offset <= recoveryPoint)
}
