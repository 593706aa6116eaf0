import { int32, int64, message, string, type ValueOf } from '../schema/index.ts'

/** As `OffsetCommitKey`, in logs of long ago. */
export const LegacyOffsetCommitKey = message({
  key: 0,
  name: 'LegacyOffsetCommitKey',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    group: string,
    topic: string,
    partition: int32,
  },
})
export type LegacyOffsetCommitKey = ValueOf<typeof LegacyOffsetCommitKey>

/** A committed offset, in logs of long ago. */
export const LegacyOffsetCommitValue = message({
  key: 0,
  name: 'LegacyOffsetCommitValue',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    offset: int64,
    metadata: string,
    commitTimestamp: int64,
  },
})
export type LegacyOffsetCommitValue = ValueOf<typeof LegacyOffsetCommitValue>
