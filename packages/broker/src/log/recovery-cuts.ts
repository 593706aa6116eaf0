/** Taking out of a log what a crash left behind its end: what is torn, the segments beyond it, and the files that go with them. */
import type { LogFolder } from './log-folder.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import type { Segment } from './segment.ts'
import { segmentFileName } from './segment-files.ts'
import type { SegmentList } from './segment-list.ts'
import { cutTornTail } from './torn-tail.ts'

/** A segment whose valid part ends before its file does. */
export interface SegmentCut {
  readonly segment: Segment
  readonly position: number
}

/** Cuts it there; a whole batch in what is cut is kept aside. */
export async function cutSegment(
  identity: LogIdentity,
  { segment, position }: SegmentCut,
  tools: LoadTools,
): Promise<void> {
  const file = await segment.open()
  const cutBytes = file.sizeBytes - position
  const outcome = await cutTornTail(tools.world.disk, file, position, tools.crc32c)
  segment.markUnsynced(position)
  const { directory } = identity
  tools.world.log.warn('The end of a segment was torn by the crash and was cut.', {
    directory,
    segment: segment.baseOffset,
    cutBytes,
    outcome,
  })
}

/** Takes the segments beyond the log's end out of it, the last one first; what they hold is kept aside. */
export async function removeAfter(
  last: Segment,
  segments: SegmentList,
  tools: LoadTools,
): Promise<void> {
  const { disk, log } = tools.world
  for (const segment of segments.from(last.baseOffset).slice(1).toReversed()) {
    await segment.closeFile()
    if (segment.sizeBytes > 0) await disk.rename(segment.path, `${segment.path}.0.torn`)
    else await disk.remove(segment.path)
    log.warn('A segment beyond the end of its log was taken out.', {
      path: segment.path,
      sizeBytes: segment.sizeBytes,
    })
  }
  segments.keepUpTo(last.baseOffset)
}

/** Removes the files that go with records which are no more. */
export async function removeBeyond(
  { directory }: LogIdentity,
  { segments, folder }: { readonly segments: SegmentList; readonly folder: LogFolder | undefined },
  endOffset: number,
  tools: LoadTools,
): Promise<void> {
  const lastBase = segments.active.baseOffset
  const bounds = {
    snapshot: endOffset,
    sequences: endOffset,
    index: lastBase,
    timeindex: lastBase,
    txnindex: lastBase,
  } as const
  for (const [kind, bound] of Object.entries(bounds) as [keyof typeof bounds, number][]) {
    for (const { offset } of folder?.files.get(kind) ?? []) {
      if (offset > bound)
        await tools.world.disk.remove(`${directory}/${segmentFileName(offset, kind)}`)
    }
  }
}
