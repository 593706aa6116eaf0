import {
  api,
  array,
  int8,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Says which broker coordinates a group, a transaction or a share partition. */
export const FindCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexible: 3,
  request: {
    key: string.until(3),
    keyType: int8.since(1),
    coordinatorKeys: array(string).since(4),
  },
  response: {
    throttleTimeMs: int32.since(1).ignorable(),
    errorCode: int16.until(3),
    errorMessage: nullableString.since(1).until(3).ignorable(),
    nodeId: int32.until(3),
    host: string.until(3),
    port: int32.until(3),
    coordinators: array({
      key: string,
      nodeId: int32,
      host: string,
      port: int32,
      errorCode: int16,
      errorMessage: nullableString,
    }).since(4),
  },
})
export type FindCoordinatorRequest = RequestOf<typeof FindCoordinator>
export type FindCoordinatorResponse = ResponseOf<typeof FindCoordinator>
