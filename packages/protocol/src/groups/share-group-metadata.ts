import { int32, int64Bits, message, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** A share group exists (KIP-932). */
export const ShareGroupMetadataKey = message({
  key: 11,
  name: 'ShareGroupMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type ShareGroupMetadataKey = ValueOf<typeof ShareGroupMetadataKey>

/** The epoch of a share group, and a hash of the topics that its members subscribe to. */
export const ShareGroupMetadataValue = message({
  key: 11,
  name: 'ShareGroupMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    metadataHash: int64Bits,
  },
})
export type ShareGroupMetadataValue = ValueOf<typeof ShareGroupMetadataValue>
