import {
  ConsumerGroupDescribe,
  type ConsumerGroupDescribeResponse,
  consumerProtocolType,
  DescribeGroups,
  type DescribeGroupsResponse,
  decodeAssignment,
  decodeSubscription,
  WireError,
} from '@varve/protocol'
import type { Call } from '../cluster/ask.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import { askCoordinators } from './coordinators.ts'
import type { DescribedGroup, DescribedMember } from './group-results.ts'
import { groupStateOf } from './groups.ts'

/** Describes groups of consumers, classic ones and those of KIP-848; one result per group, in their order. */
export async function describeGroups(
  call: Call,
  groupIds: readonly string[],
): Promise<DescribedGroup[]> {
  const described = await describeConsumerGroups(call, groupIds)
  const others = described.filter(({ error }) => mayBeClassic(error)).map(({ groupId }) => groupId)
  const classic = new Map(
    (await describeClassicGroups(call, [...new Set(others)])).map(group => [group.groupId, group]),
  )
  return described.map(group => classic.get(group.groupId) ?? group)
}

/** A broker says of a classic group that there is no such consumer group; an old broker does not know what is asked. */
function mayBeClassic(error: ProtocolError | undefined): boolean {
  return error?.code === 'GROUP_ID_NOT_FOUND' || error?.code === 'UNSUPPORTED_VERSION'
}

function describeConsumerGroups(
  call: Call,
  groupIds: readonly string[],
): Promise<DescribedGroup[]> {
  return askCoordinators(call, {
    items: groupIds.map(groupId => ({ groupId })),
    failed: ({ groupId }, error) => unknownGroup(groupId, error),
    ask: async ({ brokerId, ...address }, items, timeoutMs) => {
      const request = {
        groupIds: items.map(({ groupId }) => groupId),
        includeAuthorizedOperations: false,
      }
      const response = await call.cluster.request(address, ConsumerGroupDescribe, request, {
        timeoutMs,
      })
      return items.map(({ groupId }) => {
        const answer = response.groups.find(group => group.groupId === groupId)
        return answer === undefined ? leftOut(groupId) : consumerGroup(answer, brokerId)
      })
    },
  })
}

function consumerGroup(
  group: ConsumerGroupDescribeResponse['groups'][number],
  coordinatorId: number,
): DescribedGroup {
  const { groupId, groupEpoch, assignmentEpoch, errorCode, errorMessage } = group
  return {
    groupId,
    type: 'consumer',
    protocolType: consumerProtocolType,
    state: groupStateOf(group.groupState),
    assignor: group.assignorName,
    groupEpoch,
    assignmentEpoch,
    coordinatorId,
    members: group.members.map(member => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      host: member.clientHost,
      rackId: member.rackId,
      protocol: MEMBER_PROTOCOLS[member.memberType] ?? 'unknown',
      memberEpoch: member.memberEpoch,
      subscribedTopics: member.subscribedTopicNames,
      subscribedPattern: member.subscribedTopicRegex || null,
      assignment: placesOf(member.assignment.topicPartitions, 'topicName'),
      targetAssignment: placesOf(member.targetAssignment.topicPartitions, 'topicName'),
    })),
    error: protocolError(errorCode, { about: aboutGroup(groupId), detail: errorMessage }),
  }
}

const MEMBER_PROTOCOLS: { readonly [memberType: number]: DescribedMember['protocol'] } = {
  0: 'classic',
  1: 'consumer',
}

function describeClassicGroups(call: Call, groupIds: readonly string[]): Promise<DescribedGroup[]> {
  return askCoordinators(call, {
    items: groupIds.map(groupId => ({ groupId })),
    failed: ({ groupId }, error) => unknownGroup(groupId, error),
    ask: async ({ brokerId, ...address }, items, timeoutMs) => {
      const request = { groups: items.map(({ groupId }) => groupId) }
      const response = await call.cluster.request(address, DescribeGroups, request, { timeoutMs })
      return items.map(({ groupId }) => {
        const answer = response.groups.find(group => group.groupId === groupId)
        return answer === undefined ? leftOut(groupId) : classicGroup(answer, brokerId)
      })
    },
  })
}

function classicGroup(
  group: DescribeGroupsResponse['groups'][number],
  coordinatorId: number,
): DescribedGroup {
  const { groupId, protocolType, errorCode, errorMessage } = group
  const about = aboutGroup(groupId)
  const state = groupStateOf(group.groupState)
  // Before KIP-1043 a group that does not exist was called dead.
  const error =
    protocolError(errorCode, { about, detail: errorMessage }) ??
    (state === 'Dead' ? new ProtocolError('GROUP_ID_NOT_FOUND', about) : undefined)
  return {
    groupId,
    type: 'classic',
    protocolType,
    state,
    assignor: group.protocolData,
    groupEpoch: -1,
    assignmentEpoch: -1,
    coordinatorId,
    members: group.members.map(member => classicMember(member, protocolType)),
    error,
  }
}

function classicMember(
  member: DescribeGroupsResponse['groups'][number]['members'][number],
  protocolType: string,
): DescribedMember {
  const isConsumer = protocolType === consumerProtocolType
  const read = <T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T | undefined =>
    isConsumer && bytes.length > 0 ? readable(() => decode(bytes)) : undefined
  const subscription = read(member.memberMetadata, decodeSubscription)
  const assigned = read(member.memberAssignment, decodeAssignment)
  const assignment = placesOf(assigned?.assignedPartitions ?? [], 'topic')
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    host: member.clientHost,
    rackId: subscription?.rackId ?? null,
    protocol: 'classic',
    memberEpoch: -1,
    subscribedTopics: subscription?.topics ?? [],
    subscribedPattern: null,
    assignment,
    targetAssignment: assignment,
  }
}

/** What members say to each other is theirs: where it is not in Kafka's form, it stands for nothing rather than for a failure. */
function readable<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function placesOf<Key extends string>(
  topics: readonly ({ readonly [name in Key]: string } & {
    readonly partitions: readonly number[]
  })[],
  key: Key,
): TopicPartition[] {
  return topics
    .flatMap(topic => topic.partitions.map(partition => ({ topic: topic[key], partition })))
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

function aboutGroup(groupId: string): string {
  return `describing group ${groupId}`
}

function leftOut(groupId: string): DescribedGroup {
  const why = 'the broker left it out'
  return unknownGroup(groupId, new ProtocolError('UNKNOWN_SERVER_ERROR', aboutGroup(groupId), why))
}

function unknownGroup(groupId: string, error: ProtocolError): DescribedGroup {
  return {
    groupId,
    type: 'unknown',
    protocolType: '',
    state: 'Unknown',
    assignor: '',
    groupEpoch: -1,
    assignmentEpoch: -1,
    coordinatorId: -1,
    members: [],
    error,
  }
}
