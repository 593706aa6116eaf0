import type { ConsumerGroupDescribeResponse } from '@varve/protocol'
import type { MetadataImage } from '../../../metadata/image.ts'
import type { ConsumerGroupRules } from '../group-rules.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, isReconciledTo } from './consumer-member.ts'
import { chosenAssignor } from './target-assignment.ts'
import { NO_PARTITIONS, type TopicPartitions } from './topic-partitions.ts'

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable' | 'Dead'

/** How the group's state is called. A group is `Dead` only to those who ask for one that is not there. */
export function describeState(group: ConsumerGroup): ConsumerGroupState {
  if (group.members.size === 0) return 'Empty'
  if (group.groupEpoch > group.assignmentEpoch) return 'Assigning'
  for (const member of group.members.values()) {
    if (!isReconciledTo(member, group.assignmentEpoch)) return 'Reconciling'
  }
  return 'Stable'
}

type Described = ConsumerGroupDescribeResponse['groups'][number]
type DescribedMember = Described['members'][number]

const MEMBER_TYPES = { classic: 0, consumer: 1 } as const

/** A consumer group as ConsumerGroupDescribe tells of it, but for what the caller may do with it. */
export function describeConsumerGroup(
  group: ConsumerGroup,
  rules: ConsumerGroupRules,
  image: MetadataImage,
): Omit<Described, 'authorizedOperations'> {
  return {
    errorCode: 0,
    errorMessage: null,
    groupId: group.groupId,
    groupState: describeState(group),
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: chosenAssignor(group, rules),
    members: [...group.members.values()].map(member =>
      describeMember(member, group.targets.get(member.memberId) ?? NO_PARTITIONS, image),
    ),
  }
}

function describeMember(
  member: ConsumerMember,
  target: TopicPartitions,
  image: MetadataImage,
): DescribedMember {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost } = member
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopicNames: [...member.subscribedTopicNames],
    subscribedTopicRegex: member.subscribedTopicRegex,
    assignment: describeAssignment(member.assigned, image),
    targetAssignment: describeAssignment(target, image),
    memberType: member.classic === null ? MEMBER_TYPES.consumer : MEMBER_TYPES.classic,
  }
}

/** Topics that are gone have no name any more, and are left out. */
function describeAssignment(
  partitions: TopicPartitions,
  image: MetadataImage,
): DescribedMember['assignment'] {
  return {
    topicPartitions: [...partitions].flatMap(([topicId, numbers]) => {
      const topic = image.topics.byId.get(topicId)
      return topic === undefined
        ? []
        : [{ topicId, topicName: topic.name, partitions: [...numbers] }]
    }),
  }
}
