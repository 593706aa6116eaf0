import type { FolderFile, LogFolder } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { Segment } from './segment.ts'
import { SegmentList } from './segment-list.ts'

/** The segments of a log from its files: `kept` of them, or one that is still to be made at the start of the log. */
export function segmentsOfFolder(
  { directory }: LogIdentity,
  folder: LogFolder | undefined,
  {
    kept,
    logStartOffset,
  }: { readonly kept: readonly FolderFile[]; readonly logStartOffset: number },
  { world }: LoadTools,
): SegmentList {
  const { disk, clock } = world
  const withAborted = new Set(folder?.files.get('txnindex')?.map(({ offset }) => offset))
  const segments = kept.map(
    ({ offset, sizeBytes, modifiedMs }) =>
      new Segment(disk, directory, {
        ...{ baseOffset: offset, sizeBytes, createdMs: modifiedMs, isNew: 'no' as const },
        ...(withAborted.has(offset) ? {} : { transactionFile: 'none' as const }),
      }),
  )
  if (segments.length === 0)
    segments.push(
      new Segment(disk, directory, {
        ...{ baseOffset: logStartOffset, sizeBytes: 0, createdMs: clock.now(), isNew: 'yes' },
      }),
    )
  return new SegmentList(disk, directory, segments)
}
