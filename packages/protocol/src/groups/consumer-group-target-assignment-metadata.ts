import { int32, message, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** A consumer group has a target assignment. */
export const ConsumerGroupTargetAssignmentMetadataKey = message({
  key: 6,
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type ConsumerGroupTargetAssignmentMetadataKey = ValueOf<
  typeof ConsumerGroupTargetAssignmentMetadataKey
>

/** The group epoch for which the target assignment was computed. */
export const ConsumerGroupTargetAssignmentMetadataValue = message({
  key: 6,
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: int32,
  },
})
export type ConsumerGroupTargetAssignmentMetadataValue = ValueOf<
  typeof ConsumerGroupTargetAssignmentMetadataValue
>
