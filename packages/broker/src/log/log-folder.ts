/** What lies in the folder of a partition, and making a new one. */
import { type DirectoryEntry, DiskError } from '../world.ts'
import { finishSwaps } from './compaction/finish-swaps.ts'
import { FOREIGN } from './load-options.ts'
import { LEADER_EPOCHS_FILE } from './log-caches.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { readPartitionMetadata, writePartitionMetadata } from './partition-metadata.ts'
import { parseSegmentFileName, type SegmentFileKind } from './segment-files.ts'

export interface LogFolder {
  /** The files of segments and snapshots, by kind, the lowest offset first. */
  readonly files: ReadonlyMap<SegmentFileKind, readonly FolderFile[]>
  /** The names of all else. */
  readonly others: readonly string[]
}

/** Size and time are known of `.log` files; of the others nobody asks. */
export interface FolderFile {
  readonly offset: number
  readonly sizeBytes: number
  readonly modifiedMs: number
}

export const isBatchFile = (name: string): boolean => name.endsWith('.log')

const LEFTOVER = /\.(deleted|cleaned|tmp)$/

/** Makes the folder of a new partition, durably, and what Kafka expects in it. */
export async function makeLogFolder(identity: LogIdentity, tools: LoadTools): Promise<void> {
  const { disk } = tools.world
  const { directory } = identity
  await disk.makeDirectory(directory)
  await disk.writeFileAtomically(`${directory}/${LEADER_EPOCHS_FILE}`, Buffer.from('0\n0\n'))
  // The last file: a folder without it was never finished, and holds nothing.
  await writePartitionMetadata(disk, directory, identity.topicId)
  await disk.syncDirectory(directory.slice(0, directory.lastIndexOf('/')))
}

/**
 * Lists the folder and clears away what an interrupted deletion left; undefined when there is no folder, or one whose making was
 * interrupted. Rejects with a `DiskError` when the folder belongs to another topic.
 */
export async function readLogFolder(
  identity: LogIdentity,
  tools: LoadTools,
): Promise<LogFolder | undefined> {
  const { disk, log } = tools.world
  const { directory } = identity
  let entries = await disk.list(directory, isBatchFile)
  if (entries === undefined) return undefined
  if ((await finishSwaps(disk, directory, entries)) === 'done')
    entries = (await disk.list(directory, isBatchFile)) ?? []
  const isLeft = ({ name }: DirectoryEntry) => LEFTOVER.test(name)
  for (const { name } of entries.filter(isLeft)) await disk.remove(`${directory}/${name}`)
  const folder = logFolderOf(entries.filter(entry => !isLeft(entry)))
  const topicId = await readPartitionMetadata(disk, directory)
  if (topicId === undefined && !folder.files.has('log')) return undefined
  if (topicId !== identity.topicId) {
    log.error('The folder of a partition belongs to another topic: it is left alone.', {
      directory,
      expected: identity.topicId,
      found: topicId,
    })
    throw new DiskError('take over', directory, FOREIGN)
  }
  return folder
}

/** Sorts the entries of a partition's folder by what they are. */
export function logFolderOf(entries: readonly DirectoryEntry[]): LogFolder {
  const files = new Map<SegmentFileKind, FolderFile[]>()
  const others: string[] = []
  for (const { name, sizeBytes, modifiedMs } of entries) {
    const parsed = parseSegmentFileName(name)
    if (parsed === undefined) {
      others.push(name)
      continue
    }
    const ofKind = files.get(parsed.kind)
    const file = { offset: parsed.offset, sizeBytes, modifiedMs }
    if (ofKind === undefined) files.set(parsed.kind, [file])
    else ofKind.push(file)
  }
  for (const ofKind of files.values()) ofKind.sort((one, other) => one.offset - other.offset)
  return { files, others }
}
