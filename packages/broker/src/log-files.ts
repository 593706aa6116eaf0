/** The files of a data folder without a broker, for `varve log`. Nothing is ever changed. */
import { crc32c, nodeCodecs } from '@varve/protocol'
import type { DumpEntry } from './log/dump/dump-entry.ts'
import { type DumpOptions, dumpFile } from './log/dump/dump-file.ts'
import { foldersOf, verifyData } from './log/verify/verify-data.ts'
import type { VerifiedLog } from './log/verify/verify-log.ts'
import { metadataFindings } from './metadata/verify-metadata.ts'
import { isDirectoryLocked } from './node/disk-lock.ts'
import { silentLog } from './node/log.ts'
import { ReadOnlyDisk } from './node/read-only-disk.ts'
import { absolutePath } from './node/this-process.ts'
import { nodeWorld } from './node/world.ts'
import { DiskError, type World } from './world.ts'

/**
 * What is in a file of a data folder, ours or Kafka's, told by its name: first what it is, then everything in it. A broker may be running.
 * Throws a `DiskError`: `ENOENT` for a missing file, `EINVAL` for one that belongs to no data folder.
 */
export function dumpLogFile(path: string, options: DumpOptions): AsyncIterable<DumpEntry> {
  const tools = { disk: new ReadOnlyDisk(), codecs: nodeCodecs(), crc32c }
  return dumpFile(absolutePath(path), options, tools)
}

/**
 * Verifies logs of a data folder that no broker uses, against each other and against the journal: first the folder itself, then log by log.
 * `wanted` names topics (`orders`) or partitions (`orders-3`); none for everything. Throws a `DiskError`: `ELOCKED` where a broker runs in the
 * folder, or began to meanwhile; `ENOENT` where there is no folder, or nothing in it that is wanted.
 */
export async function* verifyLogs(
  folder: string,
  wanted: readonly string[],
): AsyncGenerator<VerifiedLog, void, void> {
  const directory = absolutePath(folder)
  const world = readOnlyWorld()
  await demandUnused(directory)
  for (const name of wanted.length === 0 ? [undefined] : wanted) {
    const some = { world, directory, wanted: name === undefined ? [] : [name] }
    if ((await foldersOf(some)).length === 0)
      throw new DiskError('find', name === undefined ? directory : `${directory}/${name}`, 'ENOENT')
  }
  for await (const log of verifyData({
    ...{ world, directory, wanted, crc32c, metadataFindings },
  })) {
    // Somebody who writes makes nonsense of what was read.
    await demandUnused(directory)
    yield log
  }
}

function readOnlyWorld(): World {
  const fail = (reason: Error): never => {
    throw reason
  }
  return { ...nodeWorld({ log: silentLog, fail }), disk: new ReadOnlyDisk() }
}

async function demandUnused(directory: string): Promise<void> {
  if (await isDirectoryLocked(directory)) throw new DiskError('verify', directory, 'ELOCKED')
}
