import {
  api,
  array,
  boolean,
  int8,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Describes the brokers of the cluster. */
export const DescribeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 2],
  flexible: 0,
  request: {
    includeClusterAuthorizedOperations: boolean,
    endpointType: int8.since(1).orElse(1),
    includeFencedBrokers: boolean.since(2),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString.orElse(null),
    endpointType: int8.since(1).orElse(1),
    clusterId: string,
    controllerId: int32.orElse(-1),
    brokers: array({
      brokerId: int32,
      host: string,
      port: int32,
      rack: nullableString.orElse(null),
      isFenced: boolean.since(2),
    }),
    clusterAuthorizedOperations: int32.orElse(-2_147_483_648),
  },
})
export type DescribeClusterRequest = RequestOf<typeof DescribeCluster>
export type DescribeClusterResponse = ResponseOf<typeof DescribeCluster>
