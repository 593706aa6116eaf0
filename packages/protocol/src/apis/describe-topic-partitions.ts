import {
  api,
  array,
  boolean,
  int16,
  int32,
  nullableArray,
  nullableString,
  nullableStruct,
  type RequestOf,
  type ResponseOf,
  string,
  uuid,
} from '../schema/index.ts'

/** Describes topics partition by partition, page by page. */
export const DescribeTopicPartitions = api({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: [0, 0],
  flexible: 0,
  request: {
    topics: array({
      name: string,
    }),
    responsePartitionLimit: int32.orElse(2000),
    cursor: nullableStruct({
      topicName: string,
      partitionIndex: int32,
    }).orElse(null),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    topics: array({
      errorCode: int16,
      name: nullableString,
      topicId: uuid,
      isInternal: boolean,
      partitions: array({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: int32.orElse(-1),
        replicaNodes: array(int32),
        isrNodes: array(int32),
        eligibleLeaderReplicas: nullableArray(int32).orElse(null),
        lastKnownElr: nullableArray(int32).orElse(null),
        offlineReplicas: array(int32),
      }),
      topicAuthorizedOperations: int32.orElse(-2_147_483_648),
    }),
    nextCursor: nullableStruct({
      topicName: string,
      partitionIndex: int32,
    }).orElse(null),
  },
})
export type DescribeTopicPartitionsRequest = RequestOf<typeof DescribeTopicPartitions>
export type DescribeTopicPartitionsResponse = ResponseOf<typeof DescribeTopicPartitions>
