import { message, string, uuid, type ValueOf } from '../schema/index.ts'

/** A topic exists. */
export const TopicRecord = message({
  key: 2,
  name: 'TopicRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: string,
    topicId: uuid,
  },
})
export type TopicRecord = ValueOf<typeof TopicRecord>
