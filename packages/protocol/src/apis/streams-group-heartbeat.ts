import {
  api,
  array,
  boolean,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  nullableStruct,
  type RequestOf,
  type ResponseOf,
  string,
  struct,
} from '../schema/index.ts'
import { keyValue, subtopology, taskIds, taskOffset, userEndpoint } from './streams-tasks.ts'

const topicPartition = {
  topic: string,
  partitions: array(int32),
}

/** Joins a streams group, stays in it and leaves it (KIP-1071). */
export const StreamsGroupHeartbeat = api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    endpointInformationEpoch: int32,
    instanceId: nullableString.orElse(null),
    rackId: nullableString.orElse(null),
    rebalanceTimeoutMs: int32.orElse(-1),
    topology: nullableStruct({
      epoch: int32,
      subtopologies: array(subtopology),
    }).orElse(null),
    activeTasks: nullableArray(taskIds).orElse(null),
    standbyTasks: nullableArray(taskIds).orElse(null),
    warmupTasks: nullableArray(taskIds).orElse(null),
    processId: nullableString.orElse(null),
    userEndpoint: nullableStruct(userEndpoint).orElse(null),
    clientTags: nullableArray(keyValue).orElse(null),
    taskOffsets: nullableArray(taskOffset).orElse(null),
    taskEndOffsets: nullableArray(taskOffset).orElse(null),
    shutdownApplication: boolean,
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString.orElse(null),
    memberId: string,
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    acceptableRecoveryLag: int32,
    taskOffsetIntervalMs: int32,
    status: nullableArray({
      statusCode: int8,
      statusDetail: string,
    }),
    activeTasks: nullableArray(taskIds).orElse(null),
    standbyTasks: nullableArray(taskIds).orElse(null),
    warmupTasks: nullableArray(taskIds).orElse(null),
    endpointInformationEpoch: int32,
    partitionsByUserEndpoint: nullableArray({
      userEndpoint: struct(userEndpoint),
      activePartitions: array(topicPartition),
      standbyPartitions: array(topicPartition),
    }).orElse(null),
  },
})
export type StreamsGroupHeartbeatRequest = RequestOf<typeof StreamsGroupHeartbeat>
export type StreamsGroupHeartbeatResponse = ResponseOf<typeof StreamsGroupHeartbeat>
