import { array, int16, int32, message, uuid, type ValueOf } from '../schema/index.ts'

const voter = {
  voterId: int32,
  voterDirectoryId: uuid.since(1),
}

/** The body of the control record with which a leader of the metadata log begins its term. */
export const LeaderChangeMessage = message({
  name: 'LeaderChangeMessage',
  versions: [0, 1],
  flexible: 0,
  fields: {
    version: int16,
    leaderId: int32,
    voters: array(voter),
    grantingVoters: array(voter),
  },
})
export type LeaderChangeMessage = ValueOf<typeof LeaderChangeMessage>
