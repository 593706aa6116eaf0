import {
  api,
  array,
  boolean,
  bytes,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Joins a classic group; the answer comes when every member has joined, or the wait is over. */
export const JoinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexible: 6,
  request: {
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: int32.since(1).orElse(-1).ignorable(), // KIP-62
    memberId: string,
    groupInstanceId: nullableString.since(5).orElse(null), // KIP-345
    protocolType: string,
    protocols: array({
      name: string,
      metadata: bytes,
    }),
    reason: nullableString.since(8).orElse(null).ignorable(), // KIP-800
  },
  response: {
    throttleTimeMs: int32.since(2).ignorable(),
    errorCode: int16,
    generationId: int32.orElse(-1),
    protocolType: nullableString.since(7).orElse(null).ignorable(), // KIP-559
    protocolName: string.nullableSince(7),
    leader: string,
    skipAssignment: boolean.since(9), // KIP-814
    memberId: string,
    members: array({
      memberId: string,
      groupInstanceId: nullableString.since(5).orElse(null).ignorable(),
      metadata: bytes,
    }),
  },
})
export type JoinGroupRequest = RequestOf<typeof JoinGroup>
export type JoinGroupResponse = ResponseOf<typeof JoinGroup>
