import { array, int32, message, string, uuid, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** The topics that a consumer group subscribes to; a hash in `ConsumerGroupMetadataValue` has replaced it (KIP-1101). */
export const ConsumerGroupPartitionMetadataKey = message({
  key: 4,
  name: 'ConsumerGroupPartitionMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type ConsumerGroupPartitionMetadataKey = ValueOf<typeof ConsumerGroupPartitionMetadataKey>

/** The topics as they were at the last assignment. */
export const ConsumerGroupPartitionMetadataValue = message({
  key: 4,
  name: 'ConsumerGroupPartitionMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topics: array({
      topicId: uuid,
      topicName: string,
      numPartitions: int32,
      partitionMetadata: array({
        partition: int32,
        racks: array(string),
      }),
    }),
  },
})
export type ConsumerGroupPartitionMetadataValue = ValueOf<
  typeof ConsumerGroupPartitionMetadataValue
>
