/** Puts a metadata log of ours in the place of Kafka's. */
import type { World } from '../world.ts'
import type { MetadataImage } from './image.ts'
import { QUORUM_STATE } from './kraft-log.ts'
import { METADATA_FOLDER, metadataSegmentName, metadataSnapshotName } from './metadata-log.ts'
import { snapshotBytes } from './snapshot.ts'

/** Which topic the folder of the metadata log belongs to: that stays true. */
const KEPT = 'partition.metadata'

/**
 * Begins a segment where Kafka's log ended, and writes the image as a snapshot of all before it. The snapshot decides: with it the log can be opened
 * without Kafka's records. `quorum-state`, which says that Kafka was here, goes last, so that an interrupted call can be made again.
 */
export async function adoptMetadata(options: {
  readonly world: World
  /** The log directory. */
  readonly directory: string
  readonly image: MetadataImage
  /** The epoch of Kafka's last leader. */
  readonly leaderEpoch: number
}): Promise<void> {
  const { image } = options
  const { disk, clock } = options.world
  const folder = `${options.directory}/${METADATA_FOLDER}`
  const leaderEpoch = Math.max(1, options.leaderEpoch)
  const snapshot = metadataSnapshotName(image.revision, leaderEpoch)
  const segment = metadataSegmentName(image.revision)
  await disk.makeDirectory(folder)
  const file = await disk.open(`${folder}/${segment}`, 'create')
  await file.close()
  await disk.syncDirectory(folder)
  const bytes = snapshotBytes(image, { leaderEpoch, timestamp: clock.now() })
  await disk.writeFileAtomically(`${folder}/${snapshot}`, bytes)
  const ours = new Set([snapshot, segment, KEPT, QUORUM_STATE])
  for (const { name, isDirectory } of (await disk.list(folder)) ?? [])
    if (!isDirectory && !ours.has(name)) await disk.remove(`${folder}/${name}`)
  await disk.syncDirectory(folder)
  if ((await disk.readFile(`${folder}/${QUORUM_STATE}`)) !== undefined)
    await disk.remove(`${folder}/${QUORUM_STATE}`)
  await disk.syncDirectory(folder)
  await disk.syncDirectory(options.directory)
}
