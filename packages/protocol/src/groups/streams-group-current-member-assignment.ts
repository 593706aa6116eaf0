import { taskIds } from '../apis/streams-tasks.ts'
import { array, int8, int32, message, nullableArray, type ValueOf } from '../schema/index.ts'
import { memberKey } from './record-keys.ts'

const tasks = {
  ...taskIds,
  assignmentEpochs: nullableArray(int32).tagged(0).orElse(null),
}

/** A member of a streams group has an assignment. */
export const StreamsGroupCurrentMemberAssignmentKey = message({
  key: 22,
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type StreamsGroupCurrentMemberAssignmentKey = ValueOf<
  typeof StreamsGroupCurrentMemberAssignmentKey
>

/** How far the member has come on the way to its target. */
export const StreamsGroupCurrentMemberAssignmentValue = message({
  key: 22,
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    activeTasks: array(tasks),
    standbyTasks: array(tasks),
    warmupTasks: array(tasks),
    activeTasksPendingRevocation: array(tasks),
    standbyTasksPendingRevocation: array(tasks),
    warmupTasksPendingRevocation: array(tasks),
  },
})
export type StreamsGroupCurrentMemberAssignmentValue = ValueOf<
  typeof StreamsGroupCurrentMemberAssignmentValue
>
