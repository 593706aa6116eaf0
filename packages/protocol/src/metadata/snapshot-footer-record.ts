import { int16, message, type ValueOf } from '../schema/index.ts'

/** The body of the control record that ends a snapshot of the metadata; a snapshot without it is incomplete. */
export const SnapshotFooterRecord = message({
  name: 'SnapshotFooterRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
  },
})
export type SnapshotFooterRecord = ValueOf<typeof SnapshotFooterRecord>
