/** Which partitions a data folder has, by the names of its folders alone, and how large they are. */
import { parsePartitionFolderName } from '../log/segment-files.ts'
import { METADATA_FOLDER } from '../metadata/metadata-log.ts'
import type { Disk } from '../world.ts'

export interface FoundFolder {
  readonly name: string
  readonly topic: string
  readonly partition: number
  readonly sizeBytes: number
}

/** The folders of partitions, the metadata's own left out, ordered by topic and partition. */
export async function surveyDataFolder(
  disk: Disk,
  directory: string,
): Promise<readonly FoundFolder[]> {
  const found: FoundFolder[] = []
  for (const { name, isDirectory } of (await disk.list(directory)) ?? []) {
    const parsed = parsePartitionFolderName(name)
    if (!isDirectory || parsed === undefined || name === METADATA_FOLDER) continue
    const files = (await disk.list(`${directory}/${name}`)) ?? []
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
    found.push({ name, ...parsed, sizeBytes })
  }
  return found.sort((one, other) =>
    one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1,
  )
}

/** `2 topics with 5 partitions, 1.4 MB`, for a sentence to the operator. */
export function describeFolders(
  folders: readonly Pick<FoundFolder, 'topic' | 'sizeBytes'>[],
): string {
  const topics = new Set(folders.map(({ topic }) => topic)).size
  const bytes = folders.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return `${count(topics, 'topic')} with ${count(folders.length, 'partition')}, ${describeBytes(bytes)}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function describeBytes(bytes: number): string {
  let value = bytes
  for (const unit of ['bytes', 'kB', 'MB', 'GB']) {
    if (value < 1000) return `${unit === 'bytes' ? value : value.toFixed(1)} ${unit}`
    value /= 1000
  }
  return `${value.toFixed(1)} TB`
}
