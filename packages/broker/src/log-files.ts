/** The files of a data folder without a broker, for `varve log`. Nothing is ever changed. */
import { crc32c, nodeCodecs } from '@varve/protocol'
import type { DumpEntry } from './log/dump/dump-entry.ts'
import { type DumpOptions, dumpFile } from './log/dump/dump-file.ts'
import { ReadOnlyDisk } from './node/read-only-disk.ts'
import { absolutePath } from './node/this-process.ts'

/**
 * What is in a file of a data folder, ours or Kafka's, told by its name: first what it is, then everything in it. A broker may be running.
 * Throws a `DiskError`: `ENOENT` for a missing file, `EINVAL` for one that belongs to no data folder.
 */
export function dumpLogFile(path: string, options: DumpOptions): AsyncIterable<DumpEntry> {
  const tools = { disk: new ReadOnlyDisk(), codecs: nodeCodecs(), crc32c }
  return dumpFile(absolutePath(path), options, tools)
}
