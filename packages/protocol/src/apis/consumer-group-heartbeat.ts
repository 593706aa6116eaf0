import {
  api,
  array,
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

const topicPartitions = {
  topicId: uuid,
  partitions: array(int32),
}

/** Joins, keeps alive, reconciles and leaves a consumer group (KIP-848). */
export const ConsumerGroupHeartbeat = api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    instanceId: nullableString.orElse(null),
    rackId: nullableString.orElse(null),
    rebalanceTimeoutMs: int32.orElse(-1),
    subscribedTopicNames: nullableArray(string).orElse(null),
    subscribedTopicRegex: nullableString.since(1).orElse(null),
    serverAssignor: nullableString.orElse(null),
    topicPartitions: nullableArray(topicPartitions).orElse(null),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString.orElse(null),
    memberId: nullableString.orElse(null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: nullableStruct({
      topicPartitions: array(topicPartitions),
    }).orElse(null),
  },
})
export type ConsumerGroupHeartbeatRequest = RequestOf<typeof ConsumerGroupHeartbeat>
export type ConsumerGroupHeartbeatResponse = ResponseOf<typeof ConsumerGroupHeartbeat>
