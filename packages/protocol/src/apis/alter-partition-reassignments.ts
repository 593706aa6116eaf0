import {
  api,
  array,
  boolean,
  int16,
  int32,
  nullableArray,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Moves partitions to other replicas, or stops that (KIP-455). */
export const AlterPartitionReassignments = api({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: [0, 1],
  flexible: 0,
  request: {
    timeoutMs: int32.orElse(60_000),
    allowReplicationFactorChange: boolean.since(1).orElse(true), // KIP-860
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        replicas: nullableArray(int32).orElse(null),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    allowReplicationFactorChange: boolean.since(1).orElse(true).ignorable(),
    errorCode: int16,
    errorMessage: nullableString,
    responses: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    }),
  },
})
export type AlterPartitionReassignmentsRequest = RequestOf<typeof AlterPartitionReassignments>
export type AlterPartitionReassignmentsResponse = ResponseOf<typeof AlterPartitionReassignments>
