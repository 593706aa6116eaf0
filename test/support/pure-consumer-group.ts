/** Consumer groups put together from members, without a shard. */
import {
  type ConsumerGroup,
  newConsumerGroup,
} from '../../packages/broker/src/coordinator/group/consumer/consumer-group.ts'
import {
  type ConsumerMember,
  newMember,
} from '../../packages/broker/src/coordinator/group/consumer/consumer-member.ts'
import { putMember } from '../../packages/broker/src/coordinator/group/consumer/put-member.ts'
import { GROUP } from './consumer-shard.ts'

export function consumerMember(
  memberId: string,
  changes: Partial<ConsumerMember> = {},
): ConsumerMember {
  return { ...newMember(memberId), memberEpoch: 1, previousMemberEpoch: 0, ...changes }
}

export function consumerGroupWith(...members: readonly ConsumerMember[]): ConsumerGroup {
  const group = newConsumerGroup(GROUP)
  for (const member of members) putMember(group, member)
  return group
}

/** Partitions by topic id. */
export const partitions = (
  byTopic: Readonly<Record<string, readonly number[]>>,
): ReadonlyMap<string, readonly number[]> => new Map(Object.entries(byTopic))
