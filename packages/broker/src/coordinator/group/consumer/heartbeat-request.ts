/** What a heartbeat asks for, and what is wrong with it before anything is known of the group. */
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from '@varve/protocol'
import type { GroupRequest } from '../caller.ts'
import { MAX_NAME_LENGTH } from '../classic/classic-limits.ts'
import type { ConsumerGroupRules } from '../group-rules.ts'
import { LEAVES_FOR_A_WHILE } from './consumer-member.ts'
import type { Refusal } from './heartbeat-answer.ts'

export interface AskedHeartbeat
  extends GroupRequest<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> {
  /** Whether the caller may describe a topic: an expression matches only those. */
  readonly mayDescribe: (topicName: string) => boolean
}

/** Topics that one member may name; whoever wants more has an expression for them. */
export const MAX_SUBSCRIBED_TOPICS = 20_000

/** From version 1 on, members make up their ids themselves (KIP-1082). */
const VERSION_WITH_MEMBER_IDS = 1

export function heartbeatProblem(
  { request, apiVersion }: AskedHeartbeat,
  rules: ConsumerGroupRules,
): Refusal | undefined {
  const { memberEpoch, serverAssignor } = request
  if (request.memberId === '' && (apiVersion >= VERSION_WITH_MEMBER_IDS || memberEpoch !== 0)) {
    return invalid('MemberId is empty.')
  }
  if (request.groupId === '') return invalid('GroupId is empty.')
  if (request.instanceId === '') return invalid('InstanceId is empty.')
  if (request.rackId === '') return invalid('RackId is empty.')
  const limit = brokenLimit(request)
  if (limit !== undefined) return invalid(limit)
  if (memberEpoch < LEAVES_FOR_A_WHILE) return invalid(`MemberEpoch ${memberEpoch} is below -2.`)
  if (memberEpoch === LEAVES_FOR_A_WHILE && request.instanceId === null) {
    return invalid('Only a static member leaves for a while: InstanceId is missing.')
  }
  const joinProblem = memberEpoch === 0 ? problemOfJoin(request) : undefined
  if (joinProblem !== undefined) return invalid(joinProblem)
  if (serverAssignor !== null && !rules.assignors.includes(serverAssignor)) {
    const message = `There is no assignor ${JSON.stringify(serverAssignor.slice(0, 80))}; there are ${rules.assignors.join(', ')}.`
    return { error: 'UNSUPPORTED_ASSIGNOR', message }
  }
  return undefined
}

/** What is beyond the limits of one member, which no client comes near. */
function brokenLimit(request: ConsumerGroupHeartbeatRequest): string | undefined {
  const { groupId, memberId, instanceId, rackId, subscribedTopicNames: topics } = request
  const names = { GroupId: groupId, MemberId: memberId, InstanceId: instanceId, RackId: rackId }
  for (const [field, name] of Object.entries(names)) {
    if (name !== null && name.length > MAX_NAME_LENGTH) {
      return `${field} has more than ${MAX_NAME_LENGTH} characters.`
    }
  }
  return topics !== null && topics.length > MAX_SUBSCRIBED_TOPICS
    ? `SubscribedTopicNames has more than ${MAX_SUBSCRIBED_TOPICS} topics.`
    : undefined
}

function problemOfJoin(request: ConsumerGroupHeartbeatRequest): string | undefined {
  if (request.rebalanceTimeoutMs === -1) return 'A joining member has to say RebalanceTimeoutMs.'
  if (request.topicPartitions === null || request.topicPartitions.length > 0) {
    return 'A joining member has to send empty TopicPartitions.'
  }
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
    return 'A joining member has to send SubscribedTopicNames or SubscribedTopicRegex.'
  }
  return undefined
}

function invalid(message: string): Refusal {
  return { error: 'INVALID_REQUEST', message }
}

/** Whether the member told all there is, as it does when it joins or an answer was lost: then it is told all as well. */
export function isFullRequest(request: ConsumerGroupHeartbeatRequest): boolean {
  const { rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex } = request
  return (
    rebalanceTimeoutMs !== -1 &&
    (subscribedTopicNames !== null || subscribedTopicRegex !== null) &&
    request.topicPartitions !== null
  )
}
