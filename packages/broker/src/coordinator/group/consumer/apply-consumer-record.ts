import type { GroupRecord } from '@varve/protocol'
import type { GroupShardState } from '../state.ts'
import { type ConsumerGroup, newConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, LEAVES, memberStateOf, newMember } from './consumer-member.ts'
import type { ConsumerGroupRecord } from './consumer-records.ts'
import { putMember, removeMember } from './put-member.ts'
import { fromListed, NO_PARTITIONS } from './topic-partitions.ts'

type Of<Name extends ConsumerGroupRecord['type']> = Extract<GroupRecord, { type: Name }>

/** Brings the state up to a record of a consumer group, when it is written and when it is read back. */
export function applyConsumerRecord(state: GroupShardState, record: ConsumerGroupRecord): void {
  const { groupId } = record.key
  const group = groupOf(state, groupId, record.value === null ? 'if there' : 'in any case')
  if (group === undefined) return
  switch (record.type) {
    case 'ConsumerGroupMetadata':
      if (record.value === null) state.groups.delete(groupId)
      else applyGroupEpoch(group, record.value)
      return
    case 'ConsumerGroupPartitionMetadata':
      group.hasPartitionMetadata = record.value !== null
      return
    case 'ConsumerGroupMemberMetadata':
      applyMember(group, record)
      return
    case 'ConsumerGroupTargetAssignmentMetadata':
      group.assignmentEpoch = record.value?.assignmentEpoch ?? 0
      return
    case 'ConsumerGroupTargetAssignmentMember':
      applyTarget(group, record)
      return
    case 'ConsumerGroupCurrentMemberAssignment':
      applyCurrentAssignment(group, record)
      return
    case 'ConsumerGroupRegularExpression':
      applyPattern(group, record)
      return
  }
}

/** A compacted log may tell of a member before its group: whichever record comes first makes the group. */
function groupOf(
  state: GroupShardState,
  groupId: string,
  wanted: 'if there' | 'in any case',
): ConsumerGroup | undefined {
  const group = state.groups.get(groupId)
  if (group?.kind === 'consumer') return group
  if (wanted === 'if there') return undefined
  const made = newConsumerGroup(groupId)
  state.groups.set(groupId, made)
  return made
}

function applyGroupEpoch(
  group: ConsumerGroup,
  value: NonNullable<Of<'ConsumerGroupMetadata'>['value']>,
): void {
  group.groupEpoch = value.epoch
  group.metadataHash = value.metadataHash
}

function applyMember(
  group: ConsumerGroup,
  { key: { memberId }, value }: Of<'ConsumerGroupMemberMetadata'>,
): void {
  if (value === null) {
    removeMember(group, memberId)
    return
  }
  const { classicMemberMetadata: classic, subscribedTopicNames, ...said } = value
  putMember(group, {
    ...memberOf(group, memberId),
    ...said,
    subscribedTopicNames: sharedNames(group, [...new Set(subscribedTopicNames)].sort()),
    classic:
      classic === null
        ? null
        : {
            sessionTimeoutMs: classic.sessionTimeoutMs,
            // What was decoded are views of the log's bytes.
            protocols: classic.supportedProtocols.map(({ name, metadata }) => ({
              name,
              metadata: new Uint8Array(metadata),
            })),
          },
  })
}

function sharedNames({ soft }: ConsumerGroup, names: readonly string[]): readonly string[] {
  const { lastTopicNames: last } = soft
  const isSame = last.length === names.length && names.every((name, place) => name === last[place])
  if (!isSame) soft.lastTopicNames = names
  return soft.lastTopicNames
}

function applyTarget(
  group: ConsumerGroup,
  { key: { memberId }, value }: Of<'ConsumerGroupTargetAssignmentMember'>,
): void {
  if (value === null) group.targets.delete(memberId)
  else group.targets.set(memberId, fromListed(value.topicPartitions))
}

function applyCurrentAssignment(
  group: ConsumerGroup,
  { key: { memberId }, value }: Of<'ConsumerGroupCurrentMemberAssignment'>,
): void {
  if (value === null) {
    const member = group.members.get(memberId)
    if (member !== undefined) putMember(group, withoutAssignment(member))
    return
  }
  putMember(group, {
    ...memberOf(group, memberId),
    memberEpoch: value.memberEpoch,
    previousMemberEpoch: value.previousMemberEpoch,
    state: memberStateOf(value.state),
    assigned: fromListed(value.assignedPartitions),
    pendingRevocation: fromListed(value.partitionsPendingRevocation),
  })
}

/** It is about to be removed. */
function withoutAssignment(member: ConsumerMember): ConsumerMember {
  return {
    ...member,
    memberEpoch: LEAVES,
    previousMemberEpoch: LEAVES,
    state: 'STABLE',
    assigned: NO_PARTITIONS,
    pendingRevocation: NO_PARTITIONS,
  }
}

function applyPattern(
  group: ConsumerGroup,
  { key: { regularExpression }, value }: Of<'ConsumerGroupRegularExpression'>,
): void {
  if (value === null) group.patterns.delete(regularExpression)
  else
    group.patterns.set(regularExpression, {
      topics: new Set(value.topics),
      version: value.version,
      timestampMs: value.timestamp,
    })
}

function memberOf(group: ConsumerGroup, memberId: string): ConsumerMember {
  return group.members.get(memberId) ?? newMember(memberId)
}
