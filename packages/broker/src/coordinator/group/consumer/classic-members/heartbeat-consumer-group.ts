import { type ErrorName, errorCode } from '@varve/protocol'
import { answer } from '../../../runtime/decision.ts'
import type { AskedHeartbeat } from '../../classic/heartbeat.ts'
import type { GroupDecision, GroupMoment } from '../../group-logic.ts'
import type { GroupShardState } from '../../state.ts'
import type { ConsumerGroup } from '../consumer-group.ts'
import type { ConsumerMember } from '../consumer-member.ts'
import { newDraft } from '../draft.ts'
import { sessionTimer } from '../member-timers.ts'
import { awaitJoin, canTakeRest, classicMember } from './classic-member.ts'

/** A classic member of a consumer group is alive, and learns whether it has to join again. */
export function heartbeatToConsumerGroup(
  state: GroupShardState,
  { request, ticket }: AskedHeartbeat,
  moment: GroupMoment,
): GroupDecision {
  const { groupId, memberId, groupInstanceId: instanceId, generationId } = request
  const draft = newDraft()
  const say = (error: ErrorName): GroupDecision => {
    draft.answers.push(answer(ticket, { throttleTimeMs: 0, errorCode: errorCode(error) }))
    return draft
  }
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer') return say('UNKNOWN_MEMBER_ID')
  const member = classicMember(group, { memberId, instanceId, generationId })
  if ('error' in member) return say(member.error)
  draft.timers.push(sessionTimer(groupId, member, moment))
  if (!hasToJoin(group, member)) return say('NONE')
  awaitJoin(draft, group, { member, moment })
  return say('REBALANCE_IN_PROGRESS')
}

/** It lags behind, it has something to give up, or it can have the rest now. */
function hasToJoin(group: ConsumerGroup, member: ConsumerMember): boolean {
  if (member.memberEpoch < group.groupEpoch) return true
  switch (member.state) {
    case 'UNREVOKED_PARTITIONS':
      return true
    case 'UNRELEASED_PARTITIONS':
      return canTakeRest(group, member)
    case 'STABLE':
    case 'UNKNOWN':
      return false
  }
}
