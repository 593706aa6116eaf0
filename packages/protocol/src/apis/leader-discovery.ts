import { int32, nullableString, string, struct } from '../schema/index.ts'

/** The leader that a partition has now, if it is not the broker that was asked (KIP-951). */
export const currentLeader = struct({
  leaderId: int32.orElse(-1),
  leaderEpoch: int32.orElse(-1),
})

/** Where a broker listens that leads one of the partitions now (KIP-951). */
export const nodeEndpoint = {
  nodeId: int32,
  host: string,
  port: int32,
  rack: nullableString.orElse(null),
}
