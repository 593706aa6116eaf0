import { int32, message, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** A streams group has a target assignment. */
export const StreamsGroupTargetAssignmentMetadataKey = message({
  key: 20,
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type StreamsGroupTargetAssignmentMetadataKey = ValueOf<
  typeof StreamsGroupTargetAssignmentMetadataKey
>

/** The group epoch for which the target assignment was computed. */
export const StreamsGroupTargetAssignmentMetadataValue = message({
  key: 20,
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: int32,
  },
})
export type StreamsGroupTargetAssignmentMetadataValue = ValueOf<
  typeof StreamsGroupTargetAssignmentMetadataValue
>
