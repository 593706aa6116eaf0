import { type MetadataResponse, ZERO_UUID } from '@varve/protocol'
import { type ProtocolError, protocolError } from '../errors.ts'

/** What the client knows of the cluster: a value, replaced as a whole by each answer. */
export interface ClusterImage {
  readonly clusterId: string | null
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerImage>
  readonly topics: ReadonlyMap<string, TopicImage>
}

export interface BrokerImage {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface TopicImage {
  readonly name: string
  /** All zeroes when the broker is too old to have topic ids. */
  readonly topicId: string
  readonly isInternal: boolean
  readonly error: ProtocolError | undefined
  readonly partitions: readonly PartitionImage[]
}

export interface PartitionImage {
  readonly partition: number
  /** -1: there is no leader now. */
  readonly leaderId: number
  /** -1: the broker is too old to say. */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly inSyncReplicas: readonly number[]
  readonly offlineReplicas: readonly number[]
  readonly error: ProtocolError | undefined
}

export const EMPTY_IMAGE: ClusterImage = {
  clusterId: null,
  controllerId: -1,
  brokers: new Map(),
  topics: new Map(),
}

/** The image after an answer: its topics replace ours, topics that it does not speak of stay. */
export function withMetadata(image: ClusterImage, response: MetadataResponse): ClusterImage {
  const brokers = new Map<number, BrokerImage>()
  for (const { nodeId, host, port, rack } of response.brokers) {
    brokers.set(nodeId, { brokerId: nodeId, host, port, rack: rack ?? null })
  }
  const topics = new Map(image.topics)
  for (const topic of response.topics) {
    if (topic.name === null) continue
    topics.set(topic.name, newerTopic(image.topics.get(topic.name), topicImage(topic)))
  }
  return { clusterId: response.clusterId, controllerId: response.controllerId, brokers, topics }
}

/** The image after a broker said in passing who leads a partition now (KIP-951). Older news change nothing. */
export function withLeader(
  image: ClusterImage,
  news: { topic: string; partition: number; leaderId: number; leaderEpoch: number },
  endpoints: readonly BrokerImage[],
): ClusterImage {
  const topic = image.topics.get(news.topic)
  const known = topic?.partitions.find(({ partition }) => partition === news.partition)
  if (topic === undefined || known === undefined || known.leaderEpoch >= news.leaderEpoch)
    return image
  const brokers = new Map(image.brokers)
  for (const endpoint of endpoints) brokers.set(endpoint.brokerId, endpoint)
  if (!brokers.has(news.leaderId)) return image
  const { leaderId, leaderEpoch } = news
  const partitions = topic.partitions.map(partition =>
    partition === known ? { ...known, leaderId, leaderEpoch, error: undefined } : partition,
  )
  const topics = new Map(image.topics).set(topic.name, { ...topic, partitions })
  return { ...image, brokers, topics }
}

/** A topic as a Metadata response tells it. */
export function topicImage(topic: MetadataResponse['topics'][number]): TopicImage {
  const name = topic.name ?? ''
  return {
    name,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    error: protocolError(topic.errorCode, { about: `topic ${name}` }),
    partitions: topic.partitions
      .map(partition => ({
        partition: partition.partitionIndex,
        leaderId: partition.leaderId,
        leaderEpoch: partition.leaderEpoch,
        replicas: partition.replicaNodes,
        inSyncReplicas: partition.isrNodes,
        offlineReplicas: partition.offlineReplicas,
        error: protocolError(partition.errorCode, {
          about: `partition ${name}-${partition.partitionIndex}`,
        }),
      }))
      .sort((a, b) => a.partition - b.partition),
  }
}

/**
 * KIP-320: a broker that lags behind may tell of a leader that is no longer one. As long as the topic is the same one (by
 * its id), a leader epoch never goes back.
 */
function newerTopic(known: TopicImage | undefined, told: TopicImage): TopicImage {
  if (known === undefined || known.topicId !== told.topicId || told.topicId === ZERO_UUID)
    return told
  if (told.error !== undefined) return told
  const partitions = told.partitions.map(partition => {
    const before = known.partitions[partition.partition]
    if (before === undefined || before.partition !== partition.partition) return partition
    return partition.leaderEpoch < before.leaderEpoch ? before : partition
  })
  return { ...told, partitions }
}
