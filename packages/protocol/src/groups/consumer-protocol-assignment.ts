import { array, int32, message, nullableBytes, string, type ValueOf } from '../schema/index.ts'

/** What the leader of a classic group of consumers assigned to a member. */
export const ConsumerProtocolAssignment = message({
  name: 'ConsumerProtocolAssignment',
  versions: [0, 3],
  flexible: undefined,
  fields: {
    assignedPartitions: array({
      topic: string,
      partitions: array(int32),
    }),
    userData: nullableBytes.orElse(null),
  },
})
export type ConsumerProtocolAssignment = ValueOf<typeof ConsumerProtocolAssignment>
