/** The names of a partition's files, as Kafka names them: the base offset in 20 digits and what the file holds. */

export type SegmentFileKind = 'log' | 'index' | 'timeindex' | 'txnindex' | 'snapshot' | 'sequences'

const NAME = /^(\d{20})\.(log|index|timeindex|txnindex|snapshot|sequences)$/

/** The name of a file that belongs to the segment, or the producer snapshot, at `offset`. */
export function segmentFileName(offset: number, kind: SegmentFileKind): string {
  return `${String(offset).padStart(20, '0')}.${kind}`
}

/** Which segment a file belongs to; undefined for any other file. */
export function parseSegmentFileName(
  name: string,
): { readonly offset: number; readonly kind: SegmentFileKind } | undefined {
  const match = NAME.exec(name)
  if (match === null) return undefined
  const offset = Number(match[1])
  return Number.isSafeInteger(offset) ? { offset, kind: match[2] as SegmentFileKind } : undefined
}

/** The folder of one partition. The topic's name was checked before (it has no slash and is not `..`). */
export function partitionFolderName(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

/** What a folder name says; undefined for a folder that is no partition's. */
export function parsePartitionFolderName(
  name: string,
): { readonly topic: string; readonly partition: number } | undefined {
  const match = /^(.+)-(\d{1,10})$/.exec(name)
  if (match === null) return undefined
  return { topic: match[1] as string, partition: Number(match[2]) }
}
