import {
  api,
  array,
  boolean,
  int8,
  int16,
  int32,
  int64,
  nullableString,
  presentRecords,
  type RequestOf,
  type ResponseOf,
  struct,
  uuid,
} from '../schema/index.ts'
import { nodeEndpoint } from './leader-discovery.ts'
import { acknowledgedTopic } from './share-acknowledgements.ts'

/** Acquires records for a member of a share group, and acknowledges earlier ones (KIP-932). */
export const ShareFetch = api({
  key: 78,
  name: 'ShareFetch',
  versions: [1, 2],
  flexible: 0,
  request: {
    groupId: nullableString.orElse(null),
    memberId: nullableString,
    shareSessionEpoch: int32,
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32.orElse(2_147_483_647),
    maxRecords: int32,
    batchSize: int32,
    shareAcquireMode: int8.since(2).ignorable(), // KIP-1206
    isRenewAck: boolean.since(2), // KIP-1222
    topics: array(acknowledgedTopic),
    forgottenTopicsData: array({
      topicId: uuid,
      partitions: array(int32),
    }),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString.orElse(null),
    acquisitionLockTimeoutMs: int32,
    responses: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: nullableString.orElse(null),
        acknowledgeErrorCode: int16,
        acknowledgeErrorMessage: nullableString.orElse(null),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
        }),
        records: presentRecords,
        acquiredRecords: array({
          firstOffset: int64,
          lastOffset: int64,
          deliveryCount: int16,
        }),
      }),
    }),
    nodeEndpoints: array(nodeEndpoint),
  },
})
export type ShareFetchRequest = RequestOf<typeof ShareFetch>
export type ShareFetchResponse = ResponseOf<typeof ShareFetch>
