import {
  api,
  array,
  int16,
  int32,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Lists the groups that a broker coordinates. */
export const ListGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexible: 3,
  request: {
    statesFilter: array(string).since(4), // KIP-518
    typesFilter: array(string).since(5), // KIP-848
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16,
    groups: array({
      groupId: string,
      protocolType: string,
      groupState: string.since(4).ignorable(),
      groupType: string.since(5).ignorable(),
    }),
  },
})
export type ListGroupsRequest = RequestOf<typeof ListGroups>
export type ListGroupsResponse = ResponseOf<typeof ListGroups>
