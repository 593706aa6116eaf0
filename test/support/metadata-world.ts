/** A machine for tests of the metadata: a memory disk, a clock that stands still, a log that is kept. */
import { MemoryClock } from '../../packages/broker/src/memory/clock.ts'
import { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { LocalMetadataStoreOptions } from '../../packages/broker/src/metadata/local-metadata-store.ts'
import type { Disk, Log, World } from '../../packages/broker/src/world.ts'

export interface MetadataWorld extends World {
  /** The reasons that `fail` was called with. */
  readonly failures: readonly Error[]
  /** The lines of the log. */
  readonly lines: readonly string[]
}

export const DATA_FOLDER = '/data'

export async function newMemoryDisk(): Promise<MemoryDisk> {
  const disk = new MemoryDisk({ now: () => 0, capacityBytes: 2 ** 40 })
  await disk.makeDirectory(DATA_FOLDER)
  return disk
}

export function metadataWorld(disk: Disk): MetadataWorld {
  const failures: Error[] = []
  const lines: string[] = []
  const write = (message: string): void => {
    lines.push(message)
  }
  const log: Log = { error: write, warn: write, info: write, debug: write, with: () => log }
  return {
    clock: new MemoryClock({ now: 1_700_000_000_000 }),
    random: memoryRandom(7),
    disk,
    network: { listen: () => Promise.reject(new Error('this world has no network')) },
    log,
    fail: reason => failures.push(reason),
    failures,
    lines,
  }
}

export function storeOptions(
  world: World,
  changes: Partial<LocalMetadataStoreOptions> = {},
): LocalMetadataStoreOptions {
  return {
    world,
    directory: DATA_FOLDER,
    clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
    nodeId: 1,
    lastStop: 'unclean',
    bytesBetweenSnapshots: 1_000_000,
    ...changes,
  }
}
