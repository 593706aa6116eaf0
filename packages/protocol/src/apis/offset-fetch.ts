import {
  api,
  array,
  boolean,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
  uuid,
} from '../schema/index.ts'

/** Reads the committed offsets of groups. */
export const OffsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 10],
  flexible: 6,
  request: {
    groupId: string.until(7),
    topics: array({
      name: string,
      partitionIndexes: array(int32),
    })
      .nullableSince(2)
      .until(7), // KIP-88
    groups: array({
      groupId: string,
      memberId: nullableString.since(9).orElse(null).ignorable(), // KIP-848
      memberEpoch: int32.since(9).orElse(-1).ignorable(),
      topics: nullableArray({
        name: string.until(9).ignorable(),
        topicId: uuid.since(10).ignorable(), // KIP-848
        partitionIndexes: array(int32),
      }),
    }).since(8), // KIP-709
    requireStable: boolean.since(7), // KIP-447
  },
  response: {
    throttleTimeMs: int32.since(3).ignorable(),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: int32.since(5).orElse(-1).ignorable(), // KIP-320
        metadata: nullableString,
        errorCode: int16,
      }),
    }).until(7),
    errorCode: int16.since(2).until(7).ignorable(),
    groups: array({
      groupId: string,
      topics: array({
        name: string.until(9).ignorable(),
        topicId: uuid.since(10).ignorable(),
        partitions: array({
          partitionIndex: int32,
          committedOffset: int64,
          committedLeaderEpoch: int32.orElse(-1).ignorable(),
          metadata: nullableString,
          errorCode: int16,
        }),
      }),
      errorCode: int16,
    }).since(8),
  },
})
export type OffsetFetchRequest = RequestOf<typeof OffsetFetch>
export type OffsetFetchResponse = ResponseOf<typeof OffsetFetch>
