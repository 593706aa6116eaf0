import { int32, message, type ValueOf } from '../schema/index.ts'
import { groupKey } from './record-keys.ts'

/** A share group has a target assignment. */
export const ShareGroupTargetAssignmentMetadataKey = message({
  key: 12,
  name: 'ShareGroupTargetAssignmentMetadataKey',
  versions: [0, 0],
  flexible: undefined,
  fields: groupKey,
})
export type ShareGroupTargetAssignmentMetadataKey = ValueOf<
  typeof ShareGroupTargetAssignmentMetadataKey
>

/** The group epoch for which the target assignment was computed. */
export const ShareGroupTargetAssignmentMetadataValue = message({
  key: 12,
  name: 'ShareGroupTargetAssignmentMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: int32,
  },
})
export type ShareGroupTargetAssignmentMetadataValue = ValueOf<
  typeof ShareGroupTargetAssignmentMetadataValue
>
