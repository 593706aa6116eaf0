/** Removing what partitions that were deleted have left on the disk: first what the checkpoints say of them, then the names of their folders, then the bytes. */
import type { LogDirectory } from '../log/log-directory.ts'
import { readPartitionMetadata } from '../log/partition-metadata.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import { DiskError, type World } from '../world.ts'
import type { CheckpointedLog, Checkpoints } from './checkpoints.ts'
import type { Housekeeping } from './housekeeping.ts'
import { inParallel } from './in-parallel.ts'
import type { Partition } from './partition.ts'
import { doomedPath } from './partition-folders.ts'

export interface PartitionRemovalOptions {
  readonly world: World
  readonly logDirectory: Pick<LogDirectory, 'path'>
  readonly checkpoints: Pick<Checkpoints, 'forget'>
  /** The logs that the checkpoints speak of from now on. */
  readonly checkpointed: () => Iterable<CheckpointedLog>
  readonly housekeeping: Pick<Housekeeping, 'idle' | 'removeLater'>
}

export class PartitionRemoval {
  readonly #options: PartitionRemovalOptions

  constructor(options: PartitionRemovalOptions) {
    this.#options = options
  }

  /**
   * Of partitions that nobody finds any more. What cannot be removed is told and left to the next start. The checkpoints name no topic id, and another
   * topic may come to have the name: so they go first.
   */
  async remove(gone: readonly Partition[]): Promise<void> {
    const { world, logDirectory, checkpoints, checkpointed, housekeeping } = this.#options
    await inParallel(gone, async partition => {
      await housekeeping.idle(partition)
      await partition.log?.abandon()
    })
    try {
      await checkpoints.forget(gone, checkpointed)
    } catch (error) {
      // A full disk: now the folders have to go all the more. A topic that takes the name has to wait until this was written.
      this.#failed(error)
    }
    await inParallel(gone, partition =>
      this.#removeFolder(partition).catch(error => this.#failed(error)),
    )
    await world.disk.syncDirectory(logDirectory.path).catch(error => this.#failed(error))
  }

  async #removeFolder(partition: Partition): Promise<void> {
    const { world, logDirectory, housekeeping } = this.#options
    const folder = partitionFolderName(partition.topic, partition.partition)
    const path = `${logDirectory.path}/${folder}`
    // A log that could not be loaded may have found the folder of another topic, and one without a folder may have half of one: making
    // it has failed.
    const isOwn =
      (partition.log !== undefined && partition.hasFolder) ||
      (await readPartitionMetadata(world.disk, path)) === partition.topicId
    if (!isOwn) return
    const doomed = doomedPath(world, path)
    await world.disk.rename(path, doomed)
    housekeeping.removeLater(doomed, partition.settings?.fileDeleteDelayMs ?? 0)
  }

  #failed(error: unknown): void {
    if (!(error instanceof DiskError)) throw error
    this.#options.world.log.error('The folder of a deleted partition could not be removed.', {
      path: error.path,
      code: error.code,
    })
  }
}
