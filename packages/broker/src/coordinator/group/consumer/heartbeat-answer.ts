import { type ConsumerGroupHeartbeatResponse, type ErrorName, errorCode } from '@varve/protocol'
import type { GroupMoment } from '../group-logic.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { toListed } from './topic-partitions.ts'

/** Why a request is refused, for a person to read too. */
export interface Refusal {
  readonly error: ErrorName
  readonly message: string
}

export function isRefusal(value: object): value is Refusal {
  return 'error' in value
}

export function refusedHeartbeat({ error, message }: Refusal): ConsumerGroupHeartbeatResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    errorMessage: message,
    memberId: null,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    assignment: null,
  }
}

export function acceptedHeartbeat(
  groupId: string,
  member: ConsumerMember,
  {
    assignment,
    moment,
  }: { readonly assignment: 'told' | 'left out'; readonly moment: GroupMoment },
): ConsumerGroupHeartbeatResponse {
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    errorMessage: null,
    memberId: member.memberId,
    memberEpoch: member.memberEpoch,
    heartbeatIntervalMs: moment.rules.consumer.heartbeatIntervalMsOf(groupId),
    assignment: assignment === 'told' ? { topicPartitions: toListed(member.assigned) } : null,
  }
}

/** The answer to a member that leaves. */
export function goneHeartbeat(
  memberId: string,
  memberEpoch: number,
): ConsumerGroupHeartbeatResponse {
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    errorMessage: null,
    memberId,
    memberEpoch,
    heartbeatIntervalMs: 0,
    assignment: null,
  }
}
