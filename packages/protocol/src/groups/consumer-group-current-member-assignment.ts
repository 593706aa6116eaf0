import { array, int8, int32, message, type ValueOf } from '../schema/index.ts'
import { memberKey } from './record-keys.ts'
import { topicIdPartitions } from './topic-id-partitions.ts'

/** A member of a consumer group has an assignment. */
export const ConsumerGroupCurrentMemberAssignmentKey = message({
  key: 8,
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  versions: [0, 0],
  flexible: undefined,
  fields: memberKey,
})
export type ConsumerGroupCurrentMemberAssignmentKey = ValueOf<
  typeof ConsumerGroupCurrentMemberAssignmentKey
>

/** How far the member has come on the way to its target. */
export const ConsumerGroupCurrentMemberAssignmentValue = message({
  key: 8,
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    assignedPartitions: array(topicIdPartitions),
    partitionsPendingRevocation: array(topicIdPartitions),
  },
})
export type ConsumerGroupCurrentMemberAssignmentValue = ValueOf<
  typeof ConsumerGroupCurrentMemberAssignmentValue
>
