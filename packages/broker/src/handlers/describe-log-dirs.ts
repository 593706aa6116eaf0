import { DescribeLogDirs, errorCode, type RequestOf } from '@varve/protocol'
import type { TopicImage } from '../metadata/image.ts'
import { DiskError } from '../world.ts'
import type { BrokerParts } from './broker-parts.ts'
import { CLUSTER_RESOURCE, handler } from './handler.ts'

/** What the data folder holds, and how much room it has. */
export const describeLogDirs = handler(
  DescribeLogDirs,
  ['Describe Cluster'],
  async (request, context) => {
    if (!context.authorize('Describe', 'Cluster', CLUSTER_RESOURCE)) {
      return { errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED'), results: [] }
    }
    const { broker } = context
    const logDir = broker.dataDirectory
    await broker.partitions.openAll()
    const topics = describeTopics(request, broker)
    return { results: [{ logDir, topics, ...(await spaceOf(broker, logDir)) }] }
  },
)

async function spaceOf(broker: BrokerParts, logDir: string) {
  try {
    const { totalBytes, freeBytes } = await broker.world.disk.space(logDir)
    return { errorCode: 0, totalBytes, usableBytes: freeBytes }
  } catch (error) {
    if (error instanceof DiskError) return { errorCode: errorCode('KAFKA_STORAGE_ERROR') }
    throw error
  }
}

/** All partitions of this broker, or those that were asked for. */
function describeTopics(request: RequestOf<typeof DescribeLogDirs>, broker: BrokerParts) {
  const { topics } = broker.metadata.image
  if (request.topics === null) {
    return [...topics.byName.values()].map(topic =>
      describeTopic(broker, topic, topic.partitions.keys()),
    )
  }
  return request.topics.flatMap(({ topic: name, partitions }) => {
    const topic = topics.byName.get(name)
    return topic === undefined ? [] : [describeTopic(broker, topic, new Set(partitions))]
  })
}

function describeTopic(broker: BrokerParts, topic: TopicImage, indexes: Iterable<number>) {
  return {
    name: topic.name,
    partitions: [...indexes].flatMap(partitionIndex => {
      const partition = broker.partitions.get(topic.topicId, partitionIndex)
      if (partition === undefined) return []
      // A leader is never behind itself, and nothing is on its way to another folder.
      return [
        { partitionIndex, partitionSize: partition.sizeBytes, offsetLag: 0, isFutureKey: false },
      ]
    }),
  }
}
