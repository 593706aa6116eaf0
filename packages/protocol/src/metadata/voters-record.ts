import {
  array,
  int16,
  int32,
  message,
  string,
  struct,
  uint16,
  uuid,
  type ValueOf,
} from '../schema/index.ts'

/** The body of the control record that says which voters the metadata log has (KIP-853). */
export const VotersRecord = message({
  name: 'VotersRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
    voters: array({
      voterId: int32,
      voterDirectoryId: uuid,
      endpoints: array({
        name: string,
        host: string,
        port: uint16,
      }),
      kRaftVersionFeature: struct({
        minSupportedVersion: int16,
        maxSupportedVersion: int16,
      }),
    }),
  },
})
export type VotersRecord = ValueOf<typeof VotersRecord>
