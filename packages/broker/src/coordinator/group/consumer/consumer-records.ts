/** The records of a consumer group as changes. */
import type { GroupRecord } from '@varve/protocol'
import type { GroupChange } from '../change.ts'
import type { ConsumerGroup, ResolvedPattern } from './consumer-group.ts'
import { type ConsumerMember, memberStates } from './consumer-member.ts'
import { type TopicPartitions, toListed } from './topic-partitions.ts'

/** The kinds of records that make up a consumer group. */
export type ConsumerGroupRecord = Extract<GroupRecord, { type: `ConsumerGroup${string}` }>

export function groupEpochRecord(
  groupId: string,
  epoch: number,
  metadataHash: string,
): GroupChange {
  return hard({ type: 'ConsumerGroupMetadata', key: { groupId }, value: { epoch, metadataHash } })
}

export function memberRecord(groupId: string, member: ConsumerMember): GroupChange {
  const { memberId, classic, subscribedTopicNames } = member
  const { instanceId, rackId, clientId, clientHost } = member
  const { subscribedTopicRegex, rebalanceTimeoutMs, serverAssignor } = member
  return hard({
    type: 'ConsumerGroupMemberMetadata',
    key: { groupId, memberId },
    value: {
      instanceId,
      rackId,
      clientId,
      clientHost,
      subscribedTopicNames: [...subscribedTopicNames],
      subscribedTopicRegex,
      rebalanceTimeoutMs,
      serverAssignor,
      classicMemberMetadata:
        classic === null
          ? null
          : {
              sessionTimeoutMs: classic.sessionTimeoutMs,
              supportedProtocols: classic.protocols.map(({ name, metadata }) => ({
                name,
                metadata,
              })),
            },
    },
  })
}

/** Where the member is now. */
export function currentAssignmentRecord(groupId: string, member: ConsumerMember): GroupChange {
  return hard({
    type: 'ConsumerGroupCurrentMemberAssignment',
    key: { groupId, memberId: member.memberId },
    value: {
      memberEpoch: member.memberEpoch,
      previousMemberEpoch: member.previousMemberEpoch,
      state: memberStates[member.state].code,
      assignedPartitions: toListed(member.assigned),
      partitionsPendingRevocation: toListed(member.pendingRevocation),
    },
  })
}

/** Where the member shall get. */
export function targetRecord(
  groupId: string,
  memberId: string,
  target: TopicPartitions,
): GroupChange {
  return hard({
    type: 'ConsumerGroupTargetAssignmentMember',
    key: { groupId, memberId },
    value: { topicPartitions: toListed(target) },
  })
}

export function assignmentEpochRecord(groupId: string, assignmentEpoch: number): GroupChange {
  return hard({
    type: 'ConsumerGroupTargetAssignmentMetadata',
    key: { groupId },
    value: { assignmentEpoch },
  })
}

export function patternRecord(
  groupId: string,
  regularExpression: string,
  { topics, version, timestampMs }: ResolvedPattern,
): GroupChange {
  return hard({
    type: 'ConsumerGroupRegularExpression',
    key: { groupId, regularExpression },
    value: { topics: [...topics].sort(), version, timestamp: timestampMs },
  })
}

export function patternTombstone(groupId: string, regularExpression: string): GroupChange {
  return hard({
    type: 'ConsumerGroupRegularExpression',
    key: { groupId, regularExpression },
    value: null,
  })
}

/** Takes back the topics that Kafka before 4.1 recorded. */
export function partitionMetadataTombstone(groupId: string): GroupChange {
  return hard({ type: 'ConsumerGroupPartitionMetadata', key: { groupId }, value: null })
}

/** Takes back all records of a member. */
export function memberTombstones(groupId: string, memberId: string): GroupChange[] {
  const key = { groupId, memberId }
  return [
    hard({ type: 'ConsumerGroupCurrentMemberAssignment', key, value: null }),
    hard({ type: 'ConsumerGroupTargetAssignmentMember', key, value: null }),
    hard({ type: 'ConsumerGroupMemberMetadata', key, value: null }),
  ]
}

/** Takes back all records of the group, members included: for a group that is deleted or becomes a classic one. */
export function consumerGroupTombstones(group: ConsumerGroup): GroupChange[] {
  const { groupId } = group
  const memberIds = new Set([...group.members.keys(), ...group.targets.keys()])
  return [
    ...[...memberIds].flatMap(memberId => memberTombstones(groupId, memberId)),
    ...[...group.patterns.keys()].map(expression => patternTombstone(groupId, expression)),
    ...(group.hasPartitionMetadata ? [partitionMetadataTombstone(groupId)] : []),
    hard({ type: 'ConsumerGroupTargetAssignmentMetadata', key: { groupId }, value: null }),
    hard({ type: 'ConsumerGroupMetadata', key: { groupId }, value: null }),
  ]
}

function hard(record: GroupRecord): GroupChange {
  return { type: 'record', record }
}
