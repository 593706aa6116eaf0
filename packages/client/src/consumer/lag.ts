import type { ListedOffset } from '../cluster/outcome.ts'
import type { ReadPartition } from './read-partition.ts'
import type { TopicPartition } from './topic-partition.ts'

/** How much of a partition is still to be handled. */
export interface PartitionLag extends TopicPartition {
  /** The offset of the first record that is not handled. */
  readonly offset: number
  /** Where the partition ends now. */
  readonly endOffset: number
  /** How many offsets lie between. */
  readonly lag: number
}

/** The lag of each partition that was asked for; a failure is thrown. */
export function lagOf(
  partitions: readonly ReadPartition[],
  ends: readonly ListedOffset[],
): PartitionLag[] {
  return partitions.flatMap(({ topic, partition, handledOffset: offset }, index) => {
    const end = ends[index]
    if (end === undefined || offset < 0) return []
    if (end.error !== undefined) throw end.error
    return [
      { topic, partition, offset, endOffset: end.offset, lag: Math.max(0, end.offset - offset) },
    ]
  })
}
