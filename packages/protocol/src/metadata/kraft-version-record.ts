import { int16, message, type ValueOf } from '../schema/index.ts'

/** The body of the control record that says which version of KRaft the metadata log follows (KIP-853). */
export const KRaftVersionRecord = message({
  name: 'KRaftVersionRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
    kRaftVersion: int16,
  },
})
export type KRaftVersionRecord = ValueOf<typeof KRaftVersionRecord>
