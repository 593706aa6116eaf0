import {
  type ErrorName,
  errorCode,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
} from '@varve/protocol'
import { answer } from '../../runtime/decision.ts'
import type { GroupRequest } from '../caller.ts'
import { leaveGroupToConsumerGroup } from '../consumer/classic-members/leave-consumer-group.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { ClassicDraft } from './classic-draft.ts'
import { rebalance } from './rebalance.ts'

export type AskedLeave = GroupRequest<LeaveGroupRequest, LeaveGroupResponse>

type LeavingMember = LeaveGroupRequest['members'][number]

/** Decides a LeaveGroup request to a classic group: each of the members is taken out, or has an error of its own. */
export function leaveGroup(
  state: GroupShardState,
  asked: AskedLeave,
  moment: GroupMoment,
): GroupDecision {
  const { request, apiVersion } = asked
  if (request.groupId === '')
    return { answers: [answer(asked.ticket, refusedLeave('INVALID_GROUP_ID'))] }
  // Before version 3 a member speaks for itself alone.
  const alone = { memberId: request.memberId, groupInstanceId: null, reason: null }
  const leaving = apiVersion >= 3 ? request.members : [alone]
  const group = state.groups.get(request.groupId)
  if (group?.kind === 'consumer') return leaveGroupToConsumerGroup(state, asked, moment)
  if (group?.kind !== 'classic') {
    const response = leftGroup(
      leaving.map(member => ({ member, error: 'UNKNOWN_MEMBER_ID' })),
      apiVersion,
    )
    return { answers: [answer(asked.ticket, response)] }
  }
  const draft = new ClassicDraft(group, moment)
  const results = leaving.map(member => ({ member, error: leave(draft, member) }))
  if (results.some(({ error }) => error === 'NONE')) rebalance(draft)
  draft.answer(asked.ticket, leftGroup(results, apiVersion))
  return draft.decision()
}

function leave(draft: ClassicDraft, { memberId, groupInstanceId }: LeavingMember): ErrorName {
  const { group } = draft
  if (groupInstanceId === null && draft.isPending(memberId)) {
    draft.endPending(memberId)
    return 'NONE'
  }
  const current = groupInstanceId === null ? memberId : group.staticMembers.get(groupInstanceId)
  if (current === undefined || draft.member(current) === undefined) return 'UNKNOWN_MEMBER_ID'
  // Without a member id it is an administrator who takes the instance out, whichever member id it has now.
  if (memberId !== '' && memberId !== current) return 'FENCED_INSTANCE_ID'
  draft.remove(current)
  return 'NONE'
}

/** The answer to LeaveGroup when the request as a whole is refused. */
export function refusedLeave(error: ErrorName): LeaveGroupResponse {
  return { throttleTimeMs: 0, errorCode: errorCode(error), members: [] }
}

function leftGroup(
  results: readonly { readonly member: LeavingMember; readonly error: ErrorName }[],
  apiVersion: number,
): LeaveGroupResponse {
  if (apiVersion < 3) return refusedLeave(results[0]?.error ?? 'NONE')
  const members = results.map(({ member: { memberId, groupInstanceId }, error }) => ({
    memberId,
    groupInstanceId,
    errorCode: errorCode(error),
  }))
  return { throttleTimeMs: 0, errorCode: errorCode('NONE'), members }
}
