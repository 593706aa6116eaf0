import {
  api,
  array,
  int16,
  int32,
  int64,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
  uint16,
  uuid,
} from '../schema/index.ts'

const replicaState = {
  replicaId: int32,
  replicaDirectoryId: uuid.since(2), // KIP-853
  logEndOffset: int64,
  lastFetchTimestamp: int64.since(1).orElse(-1).ignorable(), // KIP-836
  lastCaughtUpTimestamp: int64.since(1).orElse(-1).ignorable(),
}

/** Describes the voters and observers of the metadata log (KIP-595, KIP-836). */
export const DescribeQuorum = api({
  key: 55,
  name: 'DescribeQuorum',
  versions: [0, 2],
  flexible: 0,
  request: {
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
      }),
    }),
  },
  response: {
    errorCode: int16,
    errorMessage: nullableString.since(2).ignorable(),
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: nullableString.since(2).ignorable(),
        leaderId: int32,
        leaderEpoch: int32,
        highWatermark: int64,
        currentVoters: array(replicaState),
        observers: array(replicaState),
      }),
    }),
    nodes: array({
      nodeId: int32,
      listeners: array({
        name: string,
        host: string,
        port: uint16,
      }),
    }).since(2),
  },
})
export type DescribeQuorumRequest = RequestOf<typeof DescribeQuorum>
export type DescribeQuorumResponse = ResponseOf<typeof DescribeQuorum>
