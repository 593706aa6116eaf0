import { message, uuid, type ValueOf } from '../schema/index.ts'

/** A topic is gone. */
export const RemoveTopicRecord = message({
  key: 9,
  name: 'RemoveTopicRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicId: uuid,
  },
})
export type RemoveTopicRecord = ValueOf<typeof RemoveTopicRecord>
