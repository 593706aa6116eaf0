import {
  api,
  array,
  boolean,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
  uint16,
  uuid,
} from '../schema/index.ts'

/** Adds a voter to the quorum of the metadata log (KIP-853). */
export const AddRaftVoter = api({
  key: 80,
  name: 'AddRaftVoter',
  versions: [0, 1],
  flexible: 0,
  request: {
    clusterId: nullableString,
    timeoutMs: int32,
    voterId: int32,
    voterDirectoryId: uuid,
    listeners: array({
      name: string,
      host: string,
      port: uint16,
    }),
    ackWhenCommitted: boolean.since(1).orElse(true), // KIP-1186
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString,
  },
})
export type AddRaftVoterRequest = RequestOf<typeof AddRaftVoter>
export type AddRaftVoterResponse = ResponseOf<typeof AddRaftVoter>
