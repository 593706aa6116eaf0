import {
  type KeyedRecord,
  KeyedRecordCodec,
  type KeyedRecordInput,
  type KeyedRecordTables,
} from '../schema/keyed-records.ts'
import { ShareSnapshotKey, ShareSnapshotValue } from './share-snapshot.ts'
import { ShareUpdateKey, ShareUpdateValue } from './share-update.ts'

/** The kinds of records of `__share_group_state`, by name (KIP-932). */
export const shareStateRecords = {
  ShareSnapshot: { key: ShareSnapshotKey, value: ShareSnapshotValue, valueVersion: 0 },
  ShareUpdate: { key: ShareUpdateKey, value: ShareUpdateValue, valueVersion: 0 },
} as const satisfies KeyedRecordTables

/** A record of `__share_group_state` as it is read; `type` tells which. A value of null takes back what the key names. */
export type ShareStateRecord = KeyedRecord<typeof shareStateRecords>
/** A record of `__share_group_state` to write. */
export type ShareStateRecordInput = KeyedRecordInput<typeof shareStateRecords>

/** Reads and writes the records of `__share_group_state`. */
export const shareStateRecordCodec = new KeyedRecordCodec(shareStateRecords)
