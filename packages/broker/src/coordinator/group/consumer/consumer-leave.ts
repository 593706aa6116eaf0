import { answer } from '../../runtime/decision.ts'
import type { GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { LEAVES_FOR_A_WHILE } from './consumer-member.ts'
import { currentAssignmentRecord } from './consumer-records.ts'
import type { Draft } from './draft.ts'
import { presentMember } from './find-member.ts'
import { goneHeartbeat, isRefusal, type Refusal } from './heartbeat-answer.ts'
import type { AskedHeartbeat } from './heartbeat-request.ts'
import { cancelTimer } from './member-timers.ts'
import { dropWaiting, removeMembers } from './remove-members.ts'
import { NO_PARTITIONS } from './topic-partitions.ts'

/** A member leaves, for good (-1) or, being static, to come back (-2). */
export function consumerLeave(
  draft: Draft,
  state: GroupShardState,
  { request, ticket }: AskedHeartbeat,
  moment: GroupMoment,
): Refusal | undefined {
  const { groupId, memberId, instanceId, memberEpoch } = request
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer') {
    const message = group === undefined ? 'There is no such group.' : 'It is no consumer group.'
    return { error: 'GROUP_ID_NOT_FOUND', message }
  }
  const claimant = { memberId, instanceId, memberEpoch: undefined, owned: null }
  const member = presentMember(group, claimant)
  if (isRefusal(member)) return member
  if (memberEpoch === LEAVES_FOR_A_WHILE) {
    // Its partitions wait for it until its session ends.
    draft.changes.push(
      currentAssignmentRecord(groupId, {
        ...member,
        memberEpoch,
        pendingRevocation: NO_PARTITIONS,
      }),
    )
    draft.timers.push(cancelTimer('rebalance', groupId, member.memberId))
    dropWaiting(draft, group, id => id === member.memberId)
  } else {
    removeMembers(draft, { state, group }, { members: [member], moment })
  }
  draft.answers.push(answer(ticket, goneHeartbeat(memberId, memberEpoch)))
  return undefined
}
