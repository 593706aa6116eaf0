import { taskIds } from '../apis/streams-tasks.ts'
import { array, message, type ValueOf } from '../schema/index.ts'
import { memberKey } from './record-keys.ts'

/** A member of a streams group has a target assignment. */
export const StreamsGroupTargetAssignmentMemberKey = message({
  key: 21,
  name: 'StreamsGroupTargetAssignmentMemberKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type StreamsGroupTargetAssignmentMemberKey = ValueOf<
  typeof StreamsGroupTargetAssignmentMemberKey
>

/** The tasks that the member shall have in the end. */
export const StreamsGroupTargetAssignmentMemberValue = message({
  key: 21,
  name: 'StreamsGroupTargetAssignmentMemberValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    activeTasks: array(taskIds),
    standbyTasks: array(taskIds),
    warmupTasks: array(taskIds),
  },
})
export type StreamsGroupTargetAssignmentMemberValue = ValueOf<
  typeof StreamsGroupTargetAssignmentMemberValue
>
