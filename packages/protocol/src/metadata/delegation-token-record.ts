import { array, int64, message, string, type ValueOf } from '../schema/index.ts'

/** A delegation token exists or was renewed (KIP-900). */
export const DelegationTokenRecord = message({
  key: 10,
  name: 'DelegationTokenRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    owner: string,
    requester: string,
    renewers: array(string),
    issueTimestamp: int64,
    maxTimestamp: int64,
    expirationTimestamp: int64,
    tokenId: string,
  },
})
export type DelegationTokenRecord = ValueOf<typeof DelegationTokenRecord>
