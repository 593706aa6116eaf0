import {
  api,
  array,
  int8,
  int16,
  int32,
  int64,
  int64OrMax,
  nullableArray,
  nullableString,
  type RequestOf,
  type ResponseOf,
  records,
  string,
  struct,
  uuid,
} from '../schema/index.ts'
import { INT64_MAX } from '../wire/int64.ts'
import { currentLeader, nodeEndpoint } from './leader-discovery.ts'

/** Reads record batches from partitions, waiting for more if asked to; followers replicate with it too. */
export const Fetch = api({
  key: 1,
  name: 'Fetch',
  versions: [4, 18],
  flexible: 12,
  request: {
    clusterId: nullableString.since(12).tagged(0).orElse(null).ignorable(),
    replicaId: int32.until(14).orElse(-1),
    replicaState: struct({
      replicaId: int32.orElse(-1),
      replicaEpoch: int64.orElse(-1),
    })
      .since(15)
      .tagged(1),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32.orElse(0x7fffffff),
    isolationLevel: int8, // KIP-98
    sessionId: int32.since(7).ignorable(), // KIP-227
    sessionEpoch: int32.since(7).orElse(-1).ignorable(),
    topics: array({
      topic: string.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(), // KIP-516
      partitions: array({
        partition: int32,
        currentLeaderEpoch: int32.since(9).orElse(-1).ignorable(), // KIP-320
        fetchOffset: int64,
        lastFetchedEpoch: int32.since(12).orElse(-1), // KIP-595
        logStartOffset: int64.since(5).orElse(-1).ignorable(),
        partitionMaxBytes: int32,
        replicaDirectoryId: uuid.since(17).tagged(0).ignorable(), // KIP-853
        highWatermark: int64OrMax.since(18).tagged(1).orElse(INT64_MAX).ignorable(), // KIP-1166
      }),
    }),
    forgottenTopicsData: array({
      topic: string.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array(int32),
    }).since(7),
    rackId: string.since(11).ignorable(), // KIP-392
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16.since(7).ignorable(),
    sessionId: int32.since(7),
    responses: array({
      topic: string.until(12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        highWatermark: int64,
        lastStableOffset: int64.orElse(-1),
        logStartOffset: int64.since(5).orElse(-1).ignorable(),
        divergingEpoch: struct({
          epoch: int32.orElse(-1),
          endOffset: int64.orElse(-1),
        })
          .since(12)
          .tagged(0),
        currentLeader: currentLeader.since(12).tagged(1),
        snapshotId: struct({
          endOffset: int64.orElse(-1),
          epoch: int32.orElse(-1),
        })
          .since(12)
          .tagged(2),
        abortedTransactions: nullableArray({
          producerId: int64,
          firstOffset: int64,
        }),
        preferredReadReplica: int32.since(11).orElse(-1), // KIP-392
        records,
      }),
    }),
    nodeEndpoints: array(nodeEndpoint).since(16).tagged(0),
  },
})
export type FetchRequest = RequestOf<typeof Fetch>
export type FetchResponse = ResponseOf<typeof Fetch>
