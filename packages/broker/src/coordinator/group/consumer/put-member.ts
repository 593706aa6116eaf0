/** Members of a group, and what follows from them: owners, subscribers, votes. For `apply` alone. */
import { assert } from '../../../assert.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, expressionOf } from './consumer-member.ts'
import type { TopicPartitions } from './topic-partitions.ts'

/** Puts a member in, in the place of what was known under its id. */
export function putMember(group: ConsumerGroup, member: ConsumerMember): void {
  const former = group.members.get(member.memberId)
  if (former !== undefined) forget(group, former, member)
  group.members.set(member.memberId, member)
  if (former === undefined || former.instanceId !== member.instanceId) {
    if (member.instanceId !== null) group.staticMembers.set(member.instanceId, member.memberId)
  }
  if (former?.subscribedTopicNames !== member.subscribedTopicNames) {
    for (const name of member.subscribedTopicNames) count(group.topicSubscribers, name, 1)
  }
  const expression = expressionOf(member)
  if (expression !== undefined) count(group.patternSubscribers, expression, 1)
  if (member.serverAssignor !== null) count(group.assignorVotes, member.serverAssignor, 1)
  if (member.classic !== null) group.classicMembers += 1
  if (former?.assigned === member.assigned && former.pendingRevocation === member.pendingRevocation)
    return
  claim(group, member.memberId, member.assigned)
  claim(group, member.memberId, member.pendingRevocation)
}

export function removeMember(group: ConsumerGroup, memberId: string): void {
  const former = group.members.get(memberId)
  if (former === undefined) return
  forget(group, former, undefined)
  group.members.delete(memberId)
  group.soft.awaitedJoins.delete(memberId)
}

/** Takes back what followed from a member; what is the very same in its successor stays, unless it is counted again. */
function forget(
  group: ConsumerGroup,
  former: ConsumerMember,
  next: ConsumerMember | undefined,
): void {
  const { memberId, instanceId } = former
  if (instanceId !== null && next?.instanceId !== instanceId) {
    if (group.staticMembers.get(instanceId) === memberId) group.staticMembers.delete(instanceId)
  }
  if (next?.subscribedTopicNames !== former.subscribedTopicNames) {
    for (const name of former.subscribedTopicNames) count(group.topicSubscribers, name, -1)
  }
  const expression = expressionOf(former)
  if (expression !== undefined) count(group.patternSubscribers, expression, -1)
  if (former.serverAssignor !== null) count(group.assignorVotes, former.serverAssignor, -1)
  if (former.classic !== null) group.classicMembers -= 1
  if (next?.assigned === former.assigned && next.pendingRevocation === former.pendingRevocation)
    return
  release(group, former.assigned)
  release(group, former.pendingRevocation)
}

function claim(group: ConsumerGroup, memberId: string, partitions: TopicPartitions): void {
  for (const [topicId, numbers] of partitions) {
    const owners = group.owners.get(topicId) ?? new Map<number, string>()
    group.owners.set(topicId, owners)
    for (const number of numbers) {
      const owner = owners.get(number)
      assert(
        owner === undefined || owner === memberId,
        'G1: a partition goes to a new member only once the old one has given it up.',
      )
      owners.set(number, memberId)
    }
  }
}

function release(group: ConsumerGroup, partitions: TopicPartitions): void {
  for (const [topicId, numbers] of partitions) {
    const owners = group.owners.get(topicId)
    for (const number of numbers) owners?.delete(number)
    if (owners?.size === 0) group.owners.delete(topicId)
  }
}

function count(counts: Map<string, number>, name: string, by: 1 | -1): void {
  const next = (counts.get(name) ?? 0) + by
  if (next === 0) counts.delete(name)
  else counts.set(name, next)
}
