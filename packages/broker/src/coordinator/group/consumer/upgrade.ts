/** A classic group becomes a consumer group when a member of the consumer protocol joins it. */
import { consumerProtocolType, decodeAssignment, WireError } from '@varve/protocol'
import type { MetadataImage } from '../../../metadata/image.ts'
import type { ClassicGroup, ClassicMember } from '../classic/classic-group.ts'
import { endClassicGroup } from '../classic/convert-classic-group.ts'
import type { GroupMoment } from '../group-logic.ts'
import { emptyGroupState } from '../state.ts'
import { applyConsumerRecord } from './apply-consumer-record.ts'
import { partitionsOf, subscriptionOf } from './classic-members/embedded-protocol.ts'
import { type ConsumerGroup, newConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, newMember } from './consumer-member.ts'
import {
  assignmentEpochRecord,
  type ConsumerGroupRecord,
  currentAssignmentRecord,
  groupEpochRecord,
  memberRecord,
  targetRecord,
} from './consumer-records.ts'
import type { Draft } from './draft.ts'
import type { Refusal } from './heartbeat-answer.ts'
import { sessionTimer } from './member-timers.ts'
import { TOPICS_NOT_LOOKED_AT } from './subscribed-topics.ts'
import { NO_PARTITIONS, type TopicPartitions } from './topic-partitions.ts'

/**
 * Ends the classic group, and makes the consumer group in its place: an empty one is simply gone; the members of another go on as
 * classic members with what they were assigned, and are told to join again. The group that is returned is as it will be once
 * the changes are applied.
 */
export function upgradeToConsumerGroup(
  draft: Draft,
  group: ClassicGroup,
  moment: GroupMoment,
): ConsumerGroup | Refusal {
  const isEmpty = group.members.size === 0
  const problem = isEmpty ? undefined : upgradeProblem(group, moment)
  if (problem !== undefined) return refused(problem)
  const members = convertMembers(group, moment.image)
  if (typeof members === 'string') return refused(members)
  const { changes, answers, timers } = endClassicGroup(group)
  draft.changes.push(...changes)
  draft.answers.push(...answers)
  draft.timers.push(...timers)
  return isEmpty
    ? newConsumerGroup(group.groupId)
    : groupOfMembers(draft, group, { members, moment })
}

function upgradeProblem(group: ClassicGroup, { rules }: GroupMoment): string | undefined {
  const { migrationPolicy, maxSize } = rules.consumer
  if (migrationPolicy !== 'upgrade' && migrationPolicy !== 'bidirectional') {
    return 'group.consumer.migration.policy does not let a classic group with members become a consumer group.'
  }
  if (group.protocolType !== consumerProtocolType) {
    return 'The group is a classic group whose members are no consumers.'
  }
  if (group.members.size > maxSize) {
    return 'The group is a classic group with more members than a consumer group may have.'
  }
  return undefined
}

function refused(message: string): Refusal {
  return { error: 'GROUP_ID_NOT_FOUND', message }
}

function convertMembers(
  group: ClassicGroup,
  image: MetadataImage,
): readonly ConsumerMember[] | string {
  const taken = new Set<string>()
  const members: ConsumerMember[] = []
  for (const member of group.members.values()) {
    const converted = convertMember(group, member, image)
    if (typeof converted === 'string') return converted
    // G1, where a leader gave one partition to two.
    members.push({ ...converted, assigned: withoutTaken(converted.assigned, taken) })
  }
  return members
}

function convertMember(
  group: ClassicGroup,
  member: ClassicMember,
  image: MetadataImage,
): ConsumerMember | string {
  const agreed = member.protocols.filter(({ name }) => name === group.protocolName)
  const subscription = subscriptionOf(agreed.length > 0 ? agreed : member.protocols)
  const assigned = assignedOf(member, image)
  if (subscription === undefined || assigned === undefined) {
    return 'The group is a classic group whose members speak of their topics in a form that is not known.'
  }
  if (assigned === 'custom') {
    return 'The group is a classic group with an assignor of its own, which a consumer group cannot take over.'
  }
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs } = member
  return {
    ...newMember(memberId),
    instanceId,
    rackId: subscription.rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
    classic: { sessionTimeoutMs: member.sessionTimeoutMs, protocols: member.protocols },
    memberEpoch: group.generationId,
    previousMemberEpoch: group.generationId,
    assigned,
  }
}

/** `custom`: it carries data of an assignor that is not known here. Undefined: it cannot be read. */
function assignedOf(
  { assignment }: ClassicMember,
  image: MetadataImage,
): TopicPartitions | 'custom' | undefined {
  // It joined and has not synced yet.
  if (assignment.length === 0) return NO_PARTITIONS
  try {
    const { assignedPartitions, userData } = decodeAssignment(assignment)
    if (userData !== null && userData.length > 0) return 'custom'
    return partitionsOf(assignedPartitions, image)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function withoutTaken(partitions: TopicPartitions, taken: Set<string>): TopicPartitions {
  const own = new Map<string, readonly number[]>()
  for (const [topicId, numbers] of partitions) {
    const free = numbers.filter(number => !taken.has(`${topicId}:${number}`))
    for (const number of free) taken.add(`${topicId}:${number}`)
    if (free.length > 0) own.set(topicId, free)
  }
  return own
}

/**
 * Writes the group that the classic one becomes, at its generation. Its leader assigned what it knew of, if it came to that: in the
 * middle of a round members have nothing. So whoever joins begins an epoch, also one that takes the place of a static
 * member and asks for nothing new (G5).
 */
function groupOfMembers(
  draft: Draft,
  { groupId, generationId, lastGenerationId }: ClassicGroup,
  {
    members,
    moment,
  }: { readonly members: readonly ConsumerMember[]; readonly moment: GroupMoment },
): ConsumerGroup {
  const scratch = emptyGroupState()
  const made = newConsumerGroup(groupId)
  scratch.groups.set(groupId, made)
  const write = (change: ReturnType<typeof memberRecord>): void => {
    draft.changes.push(change)
    if (change.type === 'record') applyConsumerRecord(scratch, change.record as ConsumerGroupRecord)
  }
  for (const member of members) write(memberRecord(groupId, member))
  write(groupEpochRecord(groupId, Math.max(generationId, lastGenerationId), TOPICS_NOT_LOOKED_AT))
  for (const { memberId, assigned } of members) write(targetRecord(groupId, memberId, assigned))
  write(assignmentEpochRecord(groupId, generationId))
  for (const member of members) {
    write(currentAssignmentRecord(groupId, member))
    draft.timers.push(sessionTimer(groupId, member, moment))
  }
  return made
}
