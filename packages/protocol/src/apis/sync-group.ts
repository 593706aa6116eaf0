import {
  api,
  array,
  bytes,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Gives each member of a classic group its assignment; the leader brings those of all. */
export const SyncGroup = api({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: nullableString.since(3).orElse(null), // KIP-345
    protocolType: nullableString.since(5).orElse(null).ignorable(), // KIP-559
    protocolName: nullableString.since(5).orElse(null).ignorable(),
    assignments: array({
      memberId: string,
      assignment: bytes,
    }),
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16,
    protocolType: nullableString.since(5).orElse(null).ignorable(),
    protocolName: nullableString.since(5).orElse(null).ignorable(),
    assignment: bytes,
  },
})
export type SyncGroupRequest = RequestOf<typeof SyncGroup>
export type SyncGroupResponse = ResponseOf<typeof SyncGroup>
