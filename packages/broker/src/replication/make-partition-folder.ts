import type { ErrorName } from '@varve/protocol'
import { makeLogFolder } from '../log/log-folder.ts'
import type { LogIdentity } from '../log/log-state.ts'
import type { LoadTools } from '../log/log-tools.ts'
import { DiskError } from '../world.ts'
import type { Partition } from './partition.ts'

/** Makes the folder of a partition that nothing was ever appended to, durably; what is wrong when there is none afterwards. */
export async function makePartitionFolder(
  identity: LogIdentity,
  partition: Partition,
  tools: LoadTools,
): Promise<ErrorName> {
  if (partition.hasFolder) return 'NONE'
  try {
    await makeLogFolder(identity, tools)
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    const { path, code } = error
    const { log } = tools.world
    if (error.isPassing) {
      log.warn('The folder of a partition could not be made.', { path, code })
    } else {
      // It may have been a sync: what the disk has now nobody knows, and it is not tried again (L6).
      log.error('The folder of a partition could not be made: the partition goes offline.', {
        path,
        code,
      })
      partition.log?.storageFailed(error)
    }
    return 'KAFKA_STORAGE_ERROR'
  }
  partition.log?.folderMade()
  return 'NONE'
}
