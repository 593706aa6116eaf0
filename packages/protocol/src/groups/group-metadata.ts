import {
  array,
  bytes,
  int32,
  int64,
  message,
  nullableString,
  string,
  type ValueOf,
} from '../schema/index.ts'

/** A classic group exists. */
export const GroupMetadataKey = message({
  key: 2,
  name: 'GroupMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    group: string,
  },
})
export type GroupMetadataKey = ValueOf<typeof GroupMetadataKey>

/** A classic group after a rebalance, with its members and what each was assigned. Times are in milliseconds. */
export const GroupMetadataValue = message({
  key: 2,
  name: 'GroupMetadataValue',
  versions: [0, 4],
  flexible: 4,
  fields: {
    protocolType: string,
    generation: int32,
    protocol: nullableString,
    leader: nullableString,
    currentStateTimestamp: int64.since(2).orElse(-1).ignorable(),
    members: array({
      memberId: string,
      groupInstanceId: nullableString.since(3).orElse(null).ignorable(), // KIP-345
      clientId: string,
      clientHost: string,
      rebalanceTimeout: int32.since(1).orElse(-1).ignorable(),
      sessionTimeout: int32,
      subscription: bytes,
      assignment: bytes,
    }),
  },
})
export type GroupMetadataValue = ValueOf<typeof GroupMetadataValue>
