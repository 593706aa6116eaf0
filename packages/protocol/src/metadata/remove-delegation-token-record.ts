import { message, string, type ValueOf } from '../schema/index.ts'

/** A delegation token is gone (KIP-900). */
export const RemoveDelegationTokenRecord = message({
  key: 26,
  name: 'RemoveDelegationTokenRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    tokenId: string,
  },
})
export type RemoveDelegationTokenRecord = ValueOf<typeof RemoveDelegationTokenRecord>
