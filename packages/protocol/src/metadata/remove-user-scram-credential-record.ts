import { int8, message, string, type ValueOf } from '../schema/index.ts'

/** A SCRAM credential of a user is gone (KIP-900). */
export const RemoveUserScramCredentialRecord = message({
  key: 22,
  name: 'RemoveUserScramCredentialRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: string,
    mechanism: int8,
  },
})
export type RemoveUserScramCredentialRecord = ValueOf<typeof RemoveUserScramCredentialRecord>
