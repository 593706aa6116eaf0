import { bytes, int8, int32, message, string, type ValueOf } from '../schema/index.ts'

/** A user has a SCRAM credential (KIP-900). */
export const UserScramCredentialRecord = message({
  key: 11,
  name: 'UserScramCredentialRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: string,
    mechanism: int8,
    salt: bytes,
    storedKey: bytes,
    serverKey: bytes,
    iterations: int32,
  },
})
export type UserScramCredentialRecord = ValueOf<typeof UserScramCredentialRecord>
