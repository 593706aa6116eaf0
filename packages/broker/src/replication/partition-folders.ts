/** The folders of partitions in a data folder: finishing deletions that a stop interrupted, and naming what belongs to nobody. */
import type { LogDirectory } from '../log/log-directory.ts'
import { readPartitionMetadata } from '../log/partition-metadata.ts'
import { parsePartitionFolderName } from '../log/segment-files.ts'
import type { World } from '../world.ts'
import type { Checkpoints } from './checkpoints.ts'

const METADATA_FOLDER = '__cluster_metadata-0'
const DELETED_SUFFIX = '-delete'
/** What Kafka and we call a folder that is to be removed: no other that happens to end so is ours to touch (L11). */
const DOOMED = /-\d+\.[0-9a-f]{32}-delete$/

export interface FoldersOptions {
  readonly world: World
  readonly logDirectory: LogDirectory
  /** Topics that the metadata says were removed, as far back as it remembers: their folders may still be there after a crash. */
  readonly removedTopicIds: ReadonlySet<string>
}

export interface FolderNames {
  /** Those of partitions that the metadata knows. */
  readonly known: ReadonlySet<string>
  /** Those of them which are looked at when they are opened, and not before. */
  readonly trusted: ReadonlySet<string>
}

/** Removes what was deleted before the last stop, and names what nobody knows. Resolves with the folders that there are then. */
export async function tendFolders(
  options: FoldersOptions,
  checkpoints: Checkpoints,
  { known, trusted }: FolderNames,
): Promise<ReadonlySet<string>> {
  const { world, logDirectory } = options
  const found = await foldersIn(options)
  const suspects = found.filter(name => !trusted.has(name))
  const doomed = await finishDeletions(options, suspects, folders =>
    checkpoints.forgetFound(folders),
  )
  const names = doomed.length > 0 ? await foldersIn(options) : found
  for (const name of names) {
    if (DOOMED.test(name)) await world.disk.removeDirectory(`${logDirectory.path}/${name}`)
    else if (parsePartitionFolderName(name) !== undefined && !known.has(name)) {
      world.log.warn(
        'A folder belongs to no partition that the metadata knows: it is neither served nor deleted; start with --adopt to make a topic of it.',
        { folder: name },
      )
    }
  }
  return new Set(names)
}

/**
 * A crash came between the record that removes a topic and the renaming of its folders: the record is there to be read (L11). Resolves with
 * what those among `names` are called now, which `forget` has taken out of the checkpoints before.
 */
export async function finishDeletions(
  options: FoldersOptions,
  names: readonly string[],
  forget: (doomed: readonly string[]) => Promise<void>,
): Promise<readonly string[]> {
  const { world, logDirectory, removedTopicIds } = options
  if (removedTopicIds.size === 0) return []
  const doomed: string[] = []
  for (const name of names) {
    if (parsePartitionFolderName(name) === undefined) continue
    const topicId = await readPartitionMetadata(world.disk, `${logDirectory.path}/${name}`)
    if (topicId !== undefined && removedTopicIds.has(topicId)) doomed.push(name)
  }
  if (doomed.length === 0) return []
  await forget(doomed)
  const paths: string[] = []
  for (const name of doomed) {
    const path = `${logDirectory.path}/${name}`
    const renamed = doomedPath(world, path)
    await world.disk.rename(path, renamed)
    paths.push(renamed)
  }
  await world.disk.syncDirectory(logDirectory.path)
  return paths
}

async function foldersIn({ world, logDirectory }: FoldersOptions): Promise<string[]> {
  const entries = (await world.disk.list(logDirectory.path)) ?? []
  return entries
    .filter(({ name, isDirectory }) => isDirectory && name !== METADATA_FOLDER)
    .map(({ name }) => name)
}

/** What the folder of a deleted partition is called until it is gone, as Kafka does. */
export function doomedPath(world: World, path: string): string {
  return `${path}.${Buffer.from(world.random.bytes(16)).toString('hex')}${DELETED_SUFFIX}`
}
