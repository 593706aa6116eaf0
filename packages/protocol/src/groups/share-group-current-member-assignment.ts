import { array, int8, int32, message, type ValueOf } from '../schema/index.ts'
import { memberKey } from './record-keys.ts'
import { topicIdPartitions } from './topic-id-partitions.ts'

/** A member of a share group has an assignment. */
export const ShareGroupCurrentMemberAssignmentKey = message({
  key: 14,
  name: 'ShareGroupCurrentMemberAssignmentKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type ShareGroupCurrentMemberAssignmentKey = ValueOf<
  typeof ShareGroupCurrentMemberAssignmentKey
>

/** The partitions that the member has. */
export const ShareGroupCurrentMemberAssignmentValue = message({
  key: 14,
  name: 'ShareGroupCurrentMemberAssignmentValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    assignedPartitions: array(topicIdPartitions),
  },
})
export type ShareGroupCurrentMemberAssignmentValue = ValueOf<
  typeof ShareGroupCurrentMemberAssignmentValue
>
