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
  uuid,
} from '../schema/index.ts'

/** Commits offsets for a group: how far it has come in each partition. */
export const OffsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 10],
  flexible: 8,
  request: {
    groupId: string,
    generationIdOrMemberEpoch: int32.since(1).orElse(-1).ignorable(), // an epoch: KIP-848
    memberId: string.since(1).ignorable(),
    groupInstanceId: nullableString.since(7).orElse(null), // KIP-345
    retentionTimeMs: int64.since(2).until(4).orElse(-1).ignorable(), // until KIP-211
    topics: array({
      name: string.until(9).ignorable(),
      topicId: uuid.since(10).ignorable(), // KIP-848
      partitions: array({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: int32.since(6).orElse(-1).ignorable(), // KIP-320
        committedMetadata: nullableString,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.since(3).ignorable(),
    topics: array({
      name: string.until(9).ignorable(),
      topicId: uuid.since(10).ignorable(),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})
export type OffsetCommitRequest = RequestOf<typeof OffsetCommit>
export type OffsetCommitResponse = ResponseOf<typeof OffsetCommit>
