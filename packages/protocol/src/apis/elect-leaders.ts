import {
  api,
  array,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Has leaders of partitions elected, preferred or unclean ones (KIP-183, KIP-460). */
export const ElectLeaders = api({
  key: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexible: 2,
  request: {
    electionType: int8.since(1), // KIP-460
    topicPartitions: nullableArray({
      topic: string,
      partitions: array(int32),
    }),
    timeoutMs: int32.orElse(60_000),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16.since(1),
    replicaElectionResults: array({
      topic: string,
      partitionResult: array({
        partitionId: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    }),
  },
})
export type ElectLeadersRequest = RequestOf<typeof ElectLeaders>
export type ElectLeadersResponse = ResponseOf<typeof ElectLeaders>
