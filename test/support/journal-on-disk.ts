import type { JournalEntry, SyncableSegment } from '../../packages/broker/src/log/journal/entry.ts'
import type { Journal } from '../../packages/broker/src/log/journal/journal.ts'
import { openJournal } from '../../packages/broker/src/log/journal/recover.ts'
import { DiskImage } from './disk-image.ts'
import { topicIdOf } from './journal-workload.ts'
import { type QuietWorld, quietWorld } from './journal-world.ts'
import { ModelDisk } from './model-disk.ts'

/** Two small files that do not grow. */
const limits = { firstFileBytes: 64 * 1024, fileBytes: 64 * 1024, fileCountMax: 2, spareBytes: 0 }
export const topicId = topicIdOf(0)

/** Opens the journal of a disk, as a broker that starts. */
export const openOn = async (disk: ModelDisk) => {
  await disk.makeDirectory('/data')
  await disk.syncDirectory('/')
  const world = quietWorld(disk)
  const opened = await openJournal(world, '/data', limits)
  return { world, opened, disk }
}

export interface FreshJournal {
  readonly world: QuietWorld
  readonly disk: ModelDisk
  readonly journal: Journal
  readonly file: string
}

/** A journal on an empty disk, started; `file` is the one it writes first. */
export const startFresh = async (): Promise<FreshJournal> => {
  const { world, opened, disk } = await openOn(new ModelDisk(new DiskImage()))
  const journal = await opened.start()
  return { world, disk, journal, file: `/data/__journal/00000001.journal` }
}

export const entryAt = (baseOffset: number, content: string): JournalEntry => ({
  ...{
    type: 'bytes',
    topicId,
    partition: 4,
    leaderEpoch: 2,
    baseOffset,
    endOffset: baseOffset + 1,
  },
  ...{ segmentBaseOffset: 0, segmentPosition: baseOffset * 10, parts: [Buffer.from(content)] },
})

export const extentAt = (baseOffset: number, segment: SyncableSegment): JournalEntry => ({
  ...{
    type: 'extent',
    topicId,
    partition: 4,
    leaderEpoch: 2,
    baseOffset,
    endOffset: baseOffset + 1,
  },
  ...{ segmentBaseOffset: 0, segmentPosition: baseOffset * 10, sizeBytes: 100_000, segment },
})

/** The journal as it is found when the power fails now; `log` is what it knows of the partition that the entries are of. */
export const reopen = async (disk: ModelDisk) => {
  const { opened, world } = await openOn(new ModelDisk(disk.imageAfter(Infinity, () => 'lost')))
  const log = opened.recovered.get({ topicId, partition: 4 })
  return { opened, world, log }
}
