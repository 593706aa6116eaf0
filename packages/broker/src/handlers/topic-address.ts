/** Finding the partition that a request means, by topic name or by topic id. */
import type { ErrorName } from '@varve/protocol'
import type { TopicImage } from '../metadata/image.ts'
import type { Partition } from '../replication/partition.ts'
import type { BrokerParts } from './broker-parts.ts'

export type Addressing = 'names' | 'ids'

/** The topic by its name or its id; undefined when there is none. */
export function topicOf(
  broker: BrokerParts,
  addressing: Addressing,
  topic: string,
): TopicImage | undefined {
  const { topics } = broker.metadata.image
  return addressing === 'ids' ? topics.byId.get(topic) : topics.byName.get(topic)
}

/** The error for a topic that is not there. */
export function unknownTopic(addressing: Addressing): ErrorName {
  return addressing === 'ids' ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION'
}

/** The partition that this broker leads, or why it does not. */
export function ledPartition(
  broker: BrokerParts,
  topic: TopicImage,
  index: number,
): Partition | ErrorName {
  const image = topic.partitions[index]
  if (image === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION'
  if (image.leader !== broker.brokerId)
    return image.leader < 0 ? 'LEADER_NOT_AVAILABLE' : 'NOT_LEADER_OR_FOLLOWER'
  // In the image and not in the directory: a moment ago it was created, or it is being removed.
  return broker.partitions.get(topic.topicId, index) ?? 'NOT_LEADER_OR_FOLLOWER'
}

/** KIP-320: what to say to a client that goes by another leader epoch; -1 is "I do not know". */
export function leaderEpochError(
  currentLeaderEpoch: number,
  leaderEpoch: number,
): ErrorName | undefined {
  if (currentLeaderEpoch < 0 || currentLeaderEpoch === leaderEpoch) return undefined
  return currentLeaderEpoch < leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH'
}
