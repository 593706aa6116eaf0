import type { Disk, DiskFile } from '../../world.ts'
import { LeaderEpochs } from '../leader-epochs.ts'
import type { LoadOptions } from '../load-options.ts'
import { LEADER_EPOCHS_FILE } from '../log-caches.ts'
import { trustedMark } from '../trusted-mark.ts'
import type { OfflineFolder } from './offline-folder.ts'
import { openPlaced } from './open-placed.ts'
import { type PlacedSegment, segmentsOf } from './placed-segments.ts'
import type { VerifyTools } from './verify-log.ts'

/** Where the recovery mark of a log says that it was synced, if the next start will go on from it; else 0. */
export async function markedPoint(
  log: LoadOptions & { readonly directory: string; readonly kind: 'partition' | 'metadata' },
  folder: OfflineFolder,
  { disk, crc32c }: VerifyTools,
): Promise<number> {
  if (log.lastStop === 'clean' || log.kind === 'metadata') return 0
  const { directory } = log
  const { segments } = segmentsOf(folder, log)
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
    return mark?.offset ?? 0
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
