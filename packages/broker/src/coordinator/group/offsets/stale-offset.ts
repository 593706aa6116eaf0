import { ZERO_UUID } from '@varve/protocol'
import type { MetadataImage } from '../../../metadata/image.ts'
import type { CommittedOffset } from './group-offsets.ts'

/**
 * Whether the offset was committed in an earlier topic of that name: it says nothing about the records of the one that is there now.
 * Its tombstone may not have been written before a crash.
 */
export function isStale(committed: CommittedOffset, topic: string, image: MetadataImage): boolean {
  if (committed.topicId === ZERO_UUID) return false
  const current = image.topics.byName.get(topic)
  return current !== undefined && current.topicId !== committed.topicId
}
