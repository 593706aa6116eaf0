import { int32, int64, message, string, uuid, type ValueOf } from '../schema/index.ts'

/** A group has committed an offset in a partition. */
export const OffsetCommitKey = message({
  key: 1,
  name: 'OffsetCommitKey',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    group: string,
    topic: string,
    partition: int32,
  },
})
export type OffsetCommitKey = ValueOf<typeof OffsetCommitKey>

/** The committed offset. Only version 1 has a time at which it expires, in milliseconds since 1970; -1 is none. */
export const OffsetCommitValue = message({
  key: 1,
  name: 'OffsetCommitValue',
  versions: [0, 4],
  flexible: 4,
  fields: {
    offset: int64,
    leaderEpoch: int32.since(3).orElse(-1).ignorable(), // KIP-320
    metadata: string,
    commitTimestamp: int64,
    expireTimestamp: int64.since(1).until(1).orElse(-1).ignorable(),
    topicId: uuid.since(4).tagged(0).ignorable(), // KIP-848
  },
})
export type OffsetCommitValue = ValueOf<typeof OffsetCommitValue>
