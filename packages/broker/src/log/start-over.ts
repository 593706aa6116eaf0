import type { LeaderEpochs } from './leader-epochs.ts'
import type { LogIdentity, LogState } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { ProducerState } from './producer-state.ts'
import { RECOVERY_MARK_FILE } from './recovery-mark.ts'
import { Segment } from './segment.ts'
import { parseSegmentFileName } from './segment-files.ts'
import { SegmentList } from './segment-list.ts'

/**
 * A log of relaxed durability may have lost, by a crash, more than the records that were deleted before it: what is left of it lies below its
 * start, and none of it is part of the log any more. It begins again, empty, at its start: an offset that somebody was told to be deleted is
 * never given to another record, nor a new record deleted because one had its offset.
 */
export async function startOver(
  identity: LogIdentity,
  { logStartOffset, leaderEpochs }: { logStartOffset: number; leaderEpochs: LeaderEpochs },
  tools: LoadTools,
): Promise<LogState> {
  const { disk, clock, log } = tools.world
  const { directory } = identity
  log.warn('A crash has left nothing of a log but deleted records: it begins empty at its start.', {
    ...{ directory, logStartOffset },
  })
  for (const { name } of (await disk.list(directory)) ?? [])
    if (parseSegmentFileName(name) !== undefined || name === RECOVERY_MARK_FILE)
      await disk.remove(`${directory}/${name}`)
  await disk.syncDirectory(directory)
  leaderEpochs.truncateFromEnd(0)
  const segment = new Segment(disk, directory, {
    baseOffset: logStartOffset,
    sizeBytes: 0,
    createdMs: clock.now(),
    isNew: 'yes',
  })
  return {
    segments: new SegmentList(disk, directory, [segment]),
    leaderEpochs,
    producers: new ProducerState(tools.producerQuota),
    logEndOffset: logStartOffset,
    logStartOffset,
    lastStop: 'unclean',
    hasFolder: true,
  }
}
