import {
  api,
  array,
  boolean,
  int16,
  int32,
  int64,
  nullableArray,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Describes the log directories of a broker and the partitions that lie in them. */
export const DescribeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: [1, 4],
  flexible: 2,
  request: {
    topics: nullableArray({
      topic: string,
      partitions: array(int32),
    }),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16.since(3).ignorable(),
    results: array({
      errorCode: int16,
      logDir: string,
      topics: array({
        name: string,
        partitions: array({
          partitionIndex: int32,
          partitionSize: int64,
          offsetLag: int64,
          isFutureKey: boolean,
        }),
      }),
      totalBytes: int64.since(4).orElse(-1).ignorable(),
      usableBytes: int64.since(4).orElse(-1).ignorable(),
    }),
  },
})
export type DescribeLogDirsRequest = RequestOf<typeof DescribeLogDirs>
export type DescribeLogDirsResponse = ResponseOf<typeof DescribeLogDirs>
