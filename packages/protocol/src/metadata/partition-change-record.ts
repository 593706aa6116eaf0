import { int8, int32, message, nullableArray, uuid, type ValueOf } from '../schema/index.ts'

/** Something of a partition changed; what is not given stays as it was. */
export const PartitionChangeRecord = message({
  key: 5,
  name: 'PartitionChangeRecord',
  versions: [0, 2],
  flexible: 0,
  fields: {
    partitionId: int32.orElse(-1),
    topicId: uuid,
    isr: nullableArray(int32).tagged(0).orElse(null),
    leader: int32.tagged(1).orElse(-2),
    replicas: nullableArray(int32).tagged(2).orElse(null),
    removingReplicas: nullableArray(int32).tagged(3).orElse(null),
    addingReplicas: nullableArray(int32).tagged(4).orElse(null),
    leaderRecoveryState: int8.tagged(5).orElse(-1),
    directories: nullableArray(uuid).since(1).tagged(8).orElse(null),
    eligibleLeaderReplicas: nullableArray(int32).since(2).tagged(6).orElse(null),
    lastKnownElr: nullableArray(int32).since(2).tagged(7).orElse(null),
  },
})
export type PartitionChangeRecord = ValueOf<typeof PartitionChangeRecord>
