import {
  api,
  array,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Takes members out of a classic group. */
export const LeaveGroup = api({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId: string,
    memberId: string.until(2),
    members: array({
      memberId: string,
      groupInstanceId: nullableString.orElse(null),
      reason: nullableString.since(5).orElse(null).ignorable(), // KIP-800
    }).since(3), // KIP-345
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16,
    members: array({
      memberId: string,
      groupInstanceId: nullableString,
      errorCode: int16,
    }).since(3),
  },
})
export type LeaveGroupRequest = RequestOf<typeof LeaveGroup>
export type LeaveGroupResponse = ResponseOf<typeof LeaveGroup>
