import { int16, int64, message, type ValueOf } from '../schema/index.ts'

/** The body of the control record that begins a snapshot of the metadata. */
export const SnapshotHeaderRecord = message({
  name: 'SnapshotHeaderRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
    lastContainedLogTimestamp: int64,
  },
})
export type SnapshotHeaderRecord = ValueOf<typeof SnapshotHeaderRecord>
