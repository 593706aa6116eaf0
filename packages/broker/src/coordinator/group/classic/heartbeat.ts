import {
  type ErrorName,
  errorCode,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from '@varve/protocol'
import { answer } from '../../runtime/decision.ts'
import type { GroupRequest } from '../caller.ts'
import { heartbeatToConsumerGroup } from '../consumer/classic-members/heartbeat-consumer-group.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import type { ClassicGroup } from './classic-group.ts'
import { aliveTimers } from './classic-timers.ts'
import { validateMember } from './validate-member.ts'

export type AskedHeartbeat = GroupRequest<HeartbeatRequest, HeartbeatResponse>

/** Decides a Heartbeat of a classic group: the member is alive, and learns whether it has to join again. */
export function heartbeat(
  state: GroupShardState,
  asked: AskedHeartbeat,
  moment: GroupMoment,
): GroupDecision {
  const { groupId, memberId } = asked.request
  const group = state.groups.get(groupId)
  if (groupId === '') return answered(asked, 'INVALID_GROUP_ID')
  if (group?.kind === 'consumer') return heartbeatToConsumerGroup(state, asked, moment)
  if (group?.kind !== 'classic') return answered(asked, 'UNKNOWN_MEMBER_ID')
  const error = refusal(group, asked.request)
  if (error !== 'NONE') return answered(asked, error)
  const timers = aliveTimers(group, memberId, moment.patientMs)
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      return answered(asked, 'UNKNOWN_MEMBER_ID')
    case 'PreparingRebalance':
      return { ...answered(asked, 'REBALANCE_IN_PROGRESS'), timers }
    // A member may send heartbeats as soon as it has its JoinGroup answer.
    case 'CompletingRebalance':
    case 'Stable':
      return { ...answered(asked, 'NONE'), timers }
  }
}

function refusal(group: ClassicGroup, request: HeartbeatRequest): ErrorName {
  const { memberId, groupInstanceId, generationId } = request
  const error = validateMember(group, { memberId, instanceId: groupInstanceId })
  if (error !== 'NONE') return error
  return generationId === group.generationId ? 'NONE' : 'ILLEGAL_GENERATION'
}

function answered({ ticket }: AskedHeartbeat, error: ErrorName): GroupDecision {
  return { answers: [answer(ticket, { throttleTimeMs: 0, errorCode: errorCode(error) })] }
}
