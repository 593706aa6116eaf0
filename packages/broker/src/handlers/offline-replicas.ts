import type { TopicImage } from '../metadata/image.ts'
import type { BrokerParts } from './broker-parts.ts'

/** The replicas that serve nothing: their broker is gone, or it is this one and its log could not be loaded or written. */
export function offlineReplicas(
  broker: BrokerParts,
  of: {
    readonly topic: TopicImage
    readonly partitionIndex: number
    readonly live: ReadonlySet<number>
  },
): number[] {
  const { topic, partitionIndex, live } = of
  const replicas = topic.partitions[partitionIndex]?.replicas ?? []
  const isOfflineHere =
    broker.partitions.getOpened(topic.topicId, partitionIndex)?.isOffline === true
  return replicas.filter(id => !live.has(id) || (id === broker.brokerId && isOfflineHere))
}
