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
} from '../schema/index.ts'

/** Commits offsets of a consumer group as a part of a transaction (KIP-98). */
export const TxnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generationId: int32.since(3).orElse(-1), // KIP-447
    memberId: string.since(3),
    groupInstanceId: nullableString.since(3).orElse(null),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: int32.since(2).orElse(-1).ignorable(), // KIP-320
        committedMetadata: nullableString,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})
export type TxnOffsetCommitRequest = RequestOf<typeof TxnOffsetCommit>
export type TxnOffsetCommitResponse = ResponseOf<typeof TxnOffsetCommit>
