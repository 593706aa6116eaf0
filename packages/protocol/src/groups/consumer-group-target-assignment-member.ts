import { array, message, type ValueOf } from '../schema/index.ts'
import { memberKey } from './record-keys.ts'
import { topicIdPartitions } from './topic-id-partitions.ts'

/** A member of a consumer group has a target assignment. */
export const ConsumerGroupTargetAssignmentMemberKey = message({
  key: 7,
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type ConsumerGroupTargetAssignmentMemberKey = ValueOf<
  typeof ConsumerGroupTargetAssignmentMemberKey
>

/** The partitions that the member shall have in the end. */
export const ConsumerGroupTargetAssignmentMemberValue = message({
  key: 7,
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicPartitions: array(topicIdPartitions),
  },
})
export type ConsumerGroupTargetAssignmentMemberValue = ValueOf<
  typeof ConsumerGroupTargetAssignmentMemberValue
>
