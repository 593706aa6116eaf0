import {
  api,
  array,
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

/** Says from which offsets share groups go on reading (KIP-932). */
export const DescribeShareGroupOffsets = api({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: [0, 1],
  flexible: 0,
  request: {
    groups: array({
      groupId: string,
      topics: nullableArray({
        topicName: string,
        partitions: array(int32),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    groups: array({
      groupId: string,
      topics: array({
        topicName: string,
        topicId: uuid,
        partitions: array({
          partitionIndex: int32,
          startOffset: int64,
          leaderEpoch: int32,
          lag: int64.since(1).orElse(-1).ignorable(), // KIP-1226
          errorCode: int16,
          errorMessage: nullableString.orElse(null),
        }),
      }),
      errorCode: int16,
      errorMessage: nullableString.orElse(null),
    }),
  },
})
export type DescribeShareGroupOffsetsRequest = RequestOf<typeof DescribeShareGroupOffsets>
export type DescribeShareGroupOffsetsResponse = ResponseOf<typeof DescribeShareGroupOffsets>
