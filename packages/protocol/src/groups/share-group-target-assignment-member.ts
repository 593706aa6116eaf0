import { array, message, type ValueOf } from '../schema/index.ts'
import { memberKey } from './record-keys.ts'
import { topicIdPartitions } from './topic-id-partitions.ts'

/** A member of a share group has a target assignment. */
export const ShareGroupTargetAssignmentMemberKey = message({
  key: 13,
  name: 'ShareGroupTargetAssignmentMemberKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type ShareGroupTargetAssignmentMemberKey = ValueOf<
  typeof ShareGroupTargetAssignmentMemberKey
>

/** The partitions that the member shall have. */
export const ShareGroupTargetAssignmentMemberValue = message({
  key: 13,
  name: 'ShareGroupTargetAssignmentMemberValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicPartitions: array(topicIdPartitions),
  },
})
export type ShareGroupTargetAssignmentMemberValue = ValueOf<
  typeof ShareGroupTargetAssignmentMemberValue
>
