/** `partition.metadata` in a partition's folder: which topic, by id, the folder belongs to. Text, without a final line break, as Kafka writes it. */
import type { Disk } from '../world.ts'

const FILE = 'partition.metadata'

export function partitionMetadataPath(directory: string): string {
  return `${directory}/${FILE}`
}

export async function writePartitionMetadata(
  disk: Disk,
  directory: string,
  topicId: string,
): Promise<void> {
  await disk.writeFileAtomically(
    partitionMetadataPath(directory),
    Buffer.from(`version: 0\ntopic_id: ${topicId}`),
  )
}

/** The topic id; undefined when there is no such file, and '' when it makes no sense. */
export async function readPartitionMetadata(
  disk: Disk,
  directory: string,
): Promise<string | undefined> {
  return topicIdIn(await disk.readFile(partitionMetadataPath(directory)))
}

/** The same of the file's content; undefined: there is no file. */
export function topicIdIn(content: Buffer | undefined): string | undefined {
  if (content === undefined) return undefined
  return /^version: 0\ntopic_id: ([\w-]{22})\s*$/.exec(content.toString('latin1'))?.[1] ?? ''
}
