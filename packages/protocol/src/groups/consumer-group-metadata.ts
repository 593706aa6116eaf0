import { int32, int64Bits, message, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** A consumer group exists (KIP-848). */
export const ConsumerGroupMetadataKey = message({
  key: 3,
  name: 'ConsumerGroupMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type ConsumerGroupMetadataKey = ValueOf<typeof ConsumerGroupMetadataKey>

/** The epoch of a consumer group, and a hash of the topics that its members subscribe to. */
export const ConsumerGroupMetadataValue = message({
  key: 3,
  name: 'ConsumerGroupMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    metadataHash: int64Bits.tagged(0), // KIP-1101
  },
})
export type ConsumerGroupMetadataValue = ValueOf<typeof ConsumerGroupMetadataValue>
