import { int32, int64, message, type ValueOf } from '../schema/index.ts'
import { sharePartitionKey, stateBatches } from './share-partition.ts'

/** A share-partition has state. */
export const ShareSnapshotKey = message({
  key: 0,
  name: 'ShareSnapshotKey',
  versions: [0, 0],
  flexible: undefined,
  fields: sharePartitionKey,
})
export type ShareSnapshotKey = ValueOf<typeof ShareSnapshotKey>

/** All of the state; updates with the same snapshot epoch follow. Times are milliseconds since 1970. */
export const ShareSnapshotValue = message({
  key: 0,
  name: 'ShareSnapshotValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    snapshotEpoch: int32,
    stateEpoch: int32,
    leaderEpoch: int32,
    startOffset: int64,
    deliveryCompleteCount: int32.tagged(0).orElse(-1), // KIP-1226
    createTimestamp: int64,
    writeTimestamp: int64,
    stateBatches,
  },
})
export type ShareSnapshotValue = ValueOf<typeof ShareSnapshotValue>
