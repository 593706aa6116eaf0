import { type CompressionType, compressionTypes } from '@varve/protocol'
import type { BrokerSettings } from '../../config/broker-settings.ts'
import type { WantedTopic } from '../../metadata/create-topics.ts'

/** Where groups and committed offsets are kept. */
export const OFFSETS_TOPIC = '__consumer_offsets'

/** The topic as Kafka makes it. The number of its partitions says which one keeps a group, so it never changes. */
export function offsetsTopic(settings: BrokerSettings): WantedTopic {
  return {
    name: OFFSETS_TOPIC,
    numPartitions: settings.int('offsets.topic.num.partitions'),
    replicationFactor: settings.int('offsets.topic.replication.factor'),
    assignments: [],
    configs: [
      { name: 'compression.type', value: 'producer' },
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'segment.bytes', value: String(settings.int('offsets.topic.segment.bytes')) },
    ],
  }
}

/** The codec of its batches: `offsets.topic.compression.codec` numbers them as batches do. */
export function offsetsCompression(settings: BrokerSettings): CompressionType {
  return compressionTypes[settings.int('offsets.topic.compression.codec')] ?? 'none'
}
