import { array, int8, int32, message, nullableArray, uuid, type ValueOf } from '../schema/index.ts'

/** A partition exists, with its replicas and its leader. */
export const PartitionRecord = message({
  key: 3,
  name: 'PartitionRecord',
  versions: [0, 2],
  flexible: 0,
  fields: {
    partitionId: int32.orElse(-1),
    topicId: uuid,
    replicas: array(int32),
    isr: array(int32),
    removingReplicas: array(int32),
    addingReplicas: array(int32),
    leader: int32.orElse(-1),
    leaderRecoveryState: int8.tagged(0),
    leaderEpoch: int32.orElse(-1),
    partitionEpoch: int32.orElse(-1),
    directories: array(uuid).since(1),
    eligibleLeaderReplicas: nullableArray(int32).since(2).tagged(1).orElse(null),
    lastKnownElr: nullableArray(int32).since(2).tagged(2).orElse(null),
  },
})
export type PartitionRecord = ValueOf<typeof PartitionRecord>
