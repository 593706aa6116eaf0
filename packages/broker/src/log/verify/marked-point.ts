import type { Disk, DiskFile } from '../../world.ts'
import { LeaderEpochs } from '../leader-epochs.ts'
import type { LoadOptions } from '../load-options.ts'
import { LEADER_EPOCHS_FILE } from '../log-caches.ts'
import { trustedMark } from '../trusted-mark.ts'
import type { OfflineFolder } from './offline-folder.ts'
import { openPlaced } from './open-placed.ts'
import { type PlacedSegment, segmentsOf } from './placed-segments.ts'
import type { VerifyTools } from './verify-log.ts'

/** Where the recovery mark of a log says that it was synced, and where the segment begins of which it is. */
export interface MarkedPoint {
  readonly offset: number
  readonly segmentBaseOffset: number
}

/** Undefined when the next start will not go on from a mark. */
export async function markedPoint(
  log: LoadOptions & { readonly directory: string; readonly kind: 'partition' | 'metadata' },
  folder: OfflineFolder,
  { disk, crc32c }: VerifyTools,
): Promise<MarkedPoint | undefined> {
  if (log.lastStop === 'clean' || log.kind === 'metadata') return undefined
  const { directory } = log
  const { segments, isStartLost } = segmentsOf(folder, log)
  if (isStartLost) return undefined
  const open: DiskFile[] = []
  try {
    const mark = await trustedMark(
      {
        ...{ directory, options: log, latestEpoch: await latestEpochOf(directory, disk) },
        bases: segments.map(({ baseOffset }) => baseOffset),
        snapshots: folder.files.get('snapshot') ?? [],
        open: async baseOffset => {
          const segment = segments.find(each => each.baseOffset === baseOffset) as PlacedSegment
          const file = await openPlaced(directory, segment, disk)
          open.push(file)
          return file
        },
      },
      { disk, crc32c },
    )
    return mark && { offset: mark.offset, segmentBaseOffset: mark.segment.baseOffset }
  } finally {
    for (const file of open) await file.close()
  }
}

async function latestEpochOf(directory: string, disk: Disk): Promise<number> {
  const epochs = new LeaderEpochs()
  const content = await disk.readFile(`${directory}/${LEADER_EPOCHS_FILE}`)
  if (content !== undefined) epochs.load(content)
  return epochs.latest
}
