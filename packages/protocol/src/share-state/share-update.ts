import { int32, int64, message, type ValueOf } from '../schema/index.ts'
import { sharePartitionKey, stateBatches } from './share-partition.ts'

/** The state of a share-partition changed. */
export const ShareUpdateKey = message({
  key: 1,
  name: 'ShareUpdateKey',
  versions: [0, 0],
  flexible: undefined,
  fields: sharePartitionKey,
})
export type ShareUpdateKey = ValueOf<typeof ShareUpdateKey>

/** What changed since the snapshot of this epoch: the batches given, and the start offset unless it is -1. */
export const ShareUpdateValue = message({
  key: 1,
  name: 'ShareUpdateValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    snapshotEpoch: int32,
    leaderEpoch: int32,
    startOffset: int64,
    deliveryCompleteCount: int32.tagged(0).orElse(-1), // KIP-1226
    stateBatches,
  },
})
export type ShareUpdateValue = ValueOf<typeof ShareUpdateValue>
