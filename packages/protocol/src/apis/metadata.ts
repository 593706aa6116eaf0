import {
  api,
  array,
  boolean,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
  uuid,
} from '../schema/index.ts'

/** Says which brokers there are, and which of them leads each partition of the topics asked for. */
export const Metadata = api({
  key: 3,
  name: 'Metadata',
  versions: [0, 13],
  flexible: 9,
  request: {
    topics: array({
      topicId: uuid.since(10).ignorable(), // KIP-516
      name: string.nullableSince(10),
    }).nullableSince(1),
    allowAutoTopicCreation: boolean.since(4).orElse(true),
    includeClusterAuthorizedOperations: boolean.since(8).until(10),
    includeTopicAuthorizedOperations: boolean.since(8), // KIP-430
  },
  response: {
    throttleTimeMs: int32.since(3).ignorable(),
    brokers: array({
      nodeId: int32,
      host: string,
      port: int32,
      rack: nullableString.since(1).orElse(null).ignorable(),
    }),
    clusterId: nullableString.since(2).orElse(null).ignorable(),
    controllerId: int32.since(1).orElse(-1).ignorable(),
    topics: array({
      errorCode: int16,
      name: string.nullableSince(12),
      topicId: uuid.since(10).ignorable(),
      isInternal: boolean.since(1).ignorable(),
      partitions: array({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: int32.since(7).orElse(-1).ignorable(),
        replicaNodes: array(int32),
        isrNodes: array(int32),
        offlineReplicas: array(int32).since(5).ignorable(),
      }),
      topicAuthorizedOperations: int32.since(8).orElse(-2_147_483_648),
    }),
    clusterAuthorizedOperations: int32.since(8).until(10).orElse(-2_147_483_648),
    errorCode: int16.since(13).ignorable(), // KIP-1102
  },
})
export type MetadataRequest = RequestOf<typeof Metadata>
export type MetadataResponse = ResponseOf<typeof Metadata>
