import type { ClassicDraft } from './classic-draft.ts'
import { MAX_PENDING_MEMBERS, NEW_MEMBER_JOIN_TIMEOUT_MS } from './classic-limits.ts'
import { sessionUntil } from './classic-timers.ts'
import { refusedJoin } from './join-answers.ts'
import type { AskedJoin } from './join-group.ts'
import { rejoinAsStaticMember } from './join-static-member.ts'
import { freshMemberId, memberOf } from './joining-member.ts'
import { rebalance } from './rebalance.ts'

/** A JoinGroup request without a member id. */
export function joinAsNewMember(draft: ClassicDraft, asked: AskedJoin): void {
  const { groupInstanceId } = asked.request
  const memberId = freshMemberId(asked)
  if (groupInstanceId !== null) {
    const oldMemberId = draft.group.staticMembers.get(groupInstanceId)
    if (oldMemberId === undefined) return addMember(draft, asked, memberId)
    return rejoinAsStaticMember(draft, asked, oldMemberId)
  }
  // KIP-394: a client that does not read its answer would leave a member behind with each attempt. So it gets its id first.
  if (asked.apiVersion < 4) return addMember(draft, asked, memberId)
  if (draft.group.pendingMembers.size >= MAX_PENDING_MEMBERS) {
    return draft.answer(asked.ticket, refusedJoin('', 'GROUP_MAX_SIZE_REACHED'))
  }
  draft.pend(memberId)
  const endsAtMs = draft.moment.patientMs + asked.request.sessionTimeoutMs
  draft.time(sessionUntil(draft.groupId, memberId, endsAtMs))
  draft.answer(asked.ticket, refusedJoin(memberId, 'MEMBER_ID_REQUIRED'))
}

/** Adds a member and calls the others together. */
export function addMember(draft: ClassicDraft, asked: AskedJoin, memberId: string): void {
  const { ticket, request } = asked
  draft.park(memberOf(asked, memberId), request.protocolType, { ticket })
  draft.time(
    sessionUntil(draft.groupId, memberId, draft.moment.patientMs + NEW_MEMBER_JOIN_TIMEOUT_MS),
  )
  rebalance(draft)
}
