/** A topic that is deleted and created again under its name: its offsets mean other records then. */
import { ZERO_UUID } from '@varve/protocol'
import type { ClusterImage } from '../cluster/image.ts'
import { ProtocolError } from '../errors.ts'
import { ReadPartition } from './read-partition.ts'

/** The id of the topic that has the name now, when that is not the one that the partition was read from. */
export function changedTopicId(partition: ReadPartition, image: ClusterImage): string | undefined {
  const topicId = image.topics.get(partition.topic)?.topicId ?? ZERO_UUID
  if (topicId === ZERO_UUID) return undefined
  partition.topicId ??= topicId
  return partition.topicId === topicId ? undefined : topicId
}

/** The partition as reading begins anew. It is another one, so that nothing that was read of the old one counts for it. */
export function anotherPartition(
  partition: ReadPartition,
  topicId: string,
  target: 'earliest' | 'latest',
): ReadPartition {
  const another = new ReadPartition(partition, target)
  another.topicId = topicId
  another.isPaused = partition.isPaused
  if (partition.endOffset === Number.POSITIVE_INFINITY) another.endOffset = partition.endOffset
  return another
}

/** What a reader without a policy is told. */
export function topicChanged({ name, position }: ReadPartition): ProtocolError {
  const about = `reading ${name} at ${position}`
  const detail = 'the topic was deleted and created again'
  return new ProtocolError('OFFSET_OUT_OF_RANGE', about, detail)
}
