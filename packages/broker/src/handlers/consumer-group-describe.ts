import {
  ConsumerGroupDescribe,
  type ConsumerGroupDescribeResponse,
  type ErrorName,
  errorCode,
} from '@varve/protocol'
import { describeConsumerGroup } from '../coordinator/group/consumer/describe-consumer-group.ts'
import type { GroupMoment } from '../coordinator/group/group-logic.ts'
import type { GroupShardState } from '../coordinator/group/state.ts'
import { answer } from '../coordinator/runtime/decision.ts'
import { authorizedOperations, OPERATIONS_NOT_ASKED_FOR } from './authorized-operations.ts'
import { speaksConsumerProtocol } from './consumer-protocol.ts'
import { handler, type RequestContext } from './handler.ts'

type Described = ConsumerGroupDescribeResponse['groups'][number]

/**
 * Describes consumer groups with their members, what these have and what they shall have (KIP-848). A group that is named twice is answered
 * once: it may be large.
 */
export const consumerGroupDescribe = handler(
  ConsumerGroupDescribe,
  ['Describe Group', 'Describe Topic'],
  async ({ groupIds, includeAuthorizedOperations }, context) => {
    const groups = await Promise.all(
      [...new Set(groupIds)].map(async groupId => {
        const group = hideTopics(await describe(groupId, context), context)
        if (!includeAuthorizedOperations || group.errorCode !== 0) return group
        const resource = { type: 'Group', name: groupId } as const
        return { ...group, authorizedOperations: authorizedOperations(context, resource) }
      }),
    )
    return { throttleTimeMs: 0, groups }
  },
)

async function describe(groupId: string, context: RequestContext): Promise<Described> {
  if (!speaksConsumerProtocol(context)) return refused(groupId, 'UNSUPPORTED_VERSION', null)
  if (!context.authorize('Describe', 'Group', groupId)) {
    return refused(groupId, 'GROUP_AUTHORIZATION_FAILED', null)
  }
  return await context.broker.groups.ask<Described>(groupId, {
    decide: (state, ticket, moment) => ({
      answers: [answer(ticket, describedGroup(groupId, state, moment))],
    }),
    refuse: error => refused(groupId, error, null),
  })
}

function describedGroup(
  groupId: string,
  state: GroupShardState,
  { rules, image }: GroupMoment,
): Described {
  const group = state.groups.get(groupId)
  if (group?.kind === 'consumer') {
    const authorizedOperations = OPERATIONS_NOT_ASKED_FOR
    return { ...describeConsumerGroup(group, rules.consumer, image), authorizedOperations }
  }
  const message =
    group === undefined
      ? `There is no group ${groupId}.`
      : `The group ${groupId} is not a consumer group.`
  return refused(groupId, 'GROUP_ID_NOT_FOUND', message)
}

/** Whoever may not describe one of the topics hears nothing of the members. */
function hideTopics(group: Described, context: RequestContext): Described {
  const topics = new Set<string>()
  for (const { assignment, targetAssignment, subscribedTopicNames } of group.members) {
    for (const { topicName } of assignment.topicPartitions) topics.add(topicName)
    for (const { topicName } of targetAssignment.topicPartitions) topics.add(topicName)
    for (const name of subscribedTopicNames) topics.add(name)
  }
  if ([...topics].every(name => context.authorize('Describe', 'Topic', name))) return group
  const message = 'The group has topics that may not be described.'
  return refused(group.groupId, 'TOPIC_AUTHORIZATION_FAILED', message)
}

function refused(groupId: string, error: ErrorName, errorMessage: string | null): Described {
  return {
    errorCode: errorCode(error),
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED_FOR,
  }
}
