import {
  array,
  int32,
  message,
  nullableBytes,
  nullableString,
  string,
  type ValueOf,
} from '../schema/index.ts'

/** What a member of a classic group of consumers says of itself when it joins. */
export const ConsumerProtocolSubscription = message({
  name: 'ConsumerProtocolSubscription',
  versions: [0, 3],
  flexible: undefined,
  fields: {
    topics: array(string),
    userData: nullableBytes.orElse(null),
    ownedPartitions: array({
      topic: string,
      partitions: array(int32),
    })
      .since(1)
      .ignorable(), // KIP-429
    generationId: int32.since(2).orElse(-1).ignorable(), // KIP-792
    rackId: nullableString.since(3).orElse(null).ignorable(), // KIP-881
  },
})
export type ConsumerProtocolSubscription = ValueOf<typeof ConsumerProtocolSubscription>
