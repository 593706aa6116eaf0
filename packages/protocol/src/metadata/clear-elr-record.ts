import { message, string, type ValueOf } from '../schema/index.ts'

/** The eligible leader replicas of a topic, or of all topics when it names none, are forgotten (KIP-966). */
export const ClearElrRecord = message({
  key: 28,
  name: 'ClearElrRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicName: string,
  },
})
export type ClearElrRecord = ValueOf<typeof ClearElrRecord>
