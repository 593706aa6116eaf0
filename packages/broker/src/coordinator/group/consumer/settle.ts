import { answer } from '../../runtime/decision.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { advanceMember, type Taken } from './advance-member.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { type Draft, newDraft } from './draft.ts'
import { acceptedHeartbeat, isRefusal, refusedHeartbeat } from './heartbeat-answer.ts'
import { answerJoin } from './join-answer.ts'
import { sessionTimer } from './member-timers.ts'
import { answerUnknown } from './remove-members.ts'
import { settling } from './target-assignment.ts'
import { samePartitions } from './topic-partitions.ts'
import type { WaitingMember } from './waiting-member.ts'

/** Those who are answered in one decision, so that it holds nobody up. */
const SETTLED_AT_ONCE_MAX = 64

/** Answers those who waited for the assignment that is there now. */
export function settle(
  state: GroupShardState,
  { groupId }: { readonly groupId: string },
  moment: GroupMoment,
): GroupDecision {
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer') return {}
  const draft = newDraft()
  const taken: Taken = new Set()
  const settled = new Set<string>()
  for (const waiting of group.soft.waiting.values()) {
    if (!isDue(group, waiting)) continue
    // A member that asked twice is where the first answer takes it only when the next decision begins (G1).
    if (settled.size === SETTLED_AT_ONCE_MAX || settled.has(waiting.memberId)) {
      draft.work.push(settling(groupId, 'later'))
      break
    }
    settled.add(waiting.memberId)
    settleOne(draft, group, { waiting, taken, moment })
  }
  return draft
}

function isDue({ assignmentEpoch, soft }: ConsumerGroup, waiting: WaitingMember): boolean {
  if (waiting.awaitsPatterns && soft.isResolving) return false
  return waiting.groupEpoch <= assignmentEpoch
}

function settleOne(
  draft: Draft,
  group: ConsumerGroup,
  {
    waiting,
    taken,
    moment,
  }: { readonly waiting: WaitingMember; readonly taken: Taken; readonly moment: GroupMoment },
): void {
  const { groupId } = group
  const { memberId, owned } = waiting
  const found = group.members.get(memberId)
  if (found === undefined) {
    answerUnknown(draft, group, waiting)
    return
  }
  const ticketNumber = waiting.ticket.number
  draft.changes.push({ type: 'consumer-waits-no-more', groupId, ticketNumber })
  draft.timers.push(sessionTimer(groupId, found, moment))
  const member = advanceMember(draft, group, {
    member: found,
    targetOf: memberId,
    owned,
    moment,
    taken,
  })
  switch (waiting.kind) {
    case 'heartbeat': {
      if (isRefusal(member)) {
        draft.answers.push(answer(waiting.ticket, refusedHeartbeat(member)))
        return
      }
      const isTold = waiting.wantsAssignment || !samePartitions(waiting.assigned, member.assigned)
      const assignment = isTold ? 'told' : 'left out'
      draft.answers.push(
        answer(waiting.ticket, acceptedHeartbeat(groupId, member, { assignment, moment })),
      )
      return
    }
    case 'join':
      answerJoin(draft, group, {
        ticket: waiting.ticket,
        member: isRefusal(member) ? found : member,
        moment,
      })
      return
  }
}
