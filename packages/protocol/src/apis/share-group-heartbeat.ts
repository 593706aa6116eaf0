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

/** Joins a share group, stays in it and leaves it (KIP-932). */
export const ShareGroupHeartbeat = api({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: [1, 1],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    rackId: nullableString.orElse(null),
    subscribedTopicNames: nullableArray(string).orElse(null),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString.orElse(null),
    memberId: nullableString.orElse(null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: nullableStruct({
      topicPartitions: array({
        topicId: uuid,
        partitions: array(int32),
      }),
    }).orElse(null),
  },
})
export type ShareGroupHeartbeatRequest = RequestOf<typeof ShareGroupHeartbeat>
export type ShareGroupHeartbeatResponse = ResponseOf<typeof ShareGroupHeartbeat>
