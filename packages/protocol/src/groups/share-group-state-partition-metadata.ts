import { array, int32, message, string, uuid, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

const topicPartitions = {
  topicId: uuid,
  topicName: string,
  partitions: array(int32),
}

/** A share group has share state in topics. */
export const ShareGroupStatePartitionMetadataKey = message({
  key: 15,
  name: 'ShareGroupStatePartitionMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type ShareGroupStatePartitionMetadataKey = ValueOf<
  typeof ShareGroupStatePartitionMetadataKey
>

/** The topics by what is becoming of their share state. */
export const ShareGroupStatePartitionMetadataValue = message({
  key: 15,
  name: 'ShareGroupStatePartitionMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    initializingTopics: array(topicPartitions),
    initializedTopics: array(topicPartitions),
    deletingTopics: array({
      topicId: uuid,
      topicName: string,
    }),
  },
})
export type ShareGroupStatePartitionMetadataValue = ValueOf<
  typeof ShareGroupStatePartitionMetadataValue
>
