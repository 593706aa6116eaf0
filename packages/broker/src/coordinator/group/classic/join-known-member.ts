import type { ClassicDraft } from './classic-draft.ts'
import type { ClassicMember } from './classic-group.ts'
import { aliveTimers } from './classic-timers.ts'
import { equalBytes } from './equal-bytes.ts'
import { joined, refusedJoin } from './join-answers.ts'
import type { AskedJoin } from './join-group.ts'
import { addMember } from './join-new-member.ts'
import { memberOf } from './joining-member.ts'
import { rebalance } from './rebalance.ts'
import { validateMember } from './validate-member.ts'

/** A JoinGroup request with a member id. */
export function joinAsKnownMember(draft: ClassicDraft, asked: AskedJoin): void {
  const { request, ticket } = asked
  const { memberId, groupInstanceId } = request
  if (groupInstanceId === null && draft.isPending(memberId)) {
    return addMember(draft, asked, memberId)
  }
  const error = validateMember(draft.group, { memberId, instanceId: groupInstanceId })
  const before = draft.member(memberId)
  if (error !== 'NONE' || before === undefined) {
    return draft.answer(ticket, refusedJoin(memberId, error))
  }
  const member = { ...memberOf(asked, memberId), assignment: before.assignment }
  if (needsRound(draft, before, member)) {
    draft.park(member, request.protocolType, { ticket })
    return rebalance(draft)
  }
  const { generationId, protocolType, protocolName, leaderId, members } = draft.group
  const told = memberId === leaderId ? [...members.values()] : []
  draft.answer(
    ticket,
    joined({ generationId, protocolType, protocolName, leaderId: leaderId ?? '' }, memberId, told),
  )
  for (const timer of aliveTimers(draft.group, memberId, draft.moment.patientMs)) draft.time(timer)
}

/**
 * A member that joins again as it was may have missed the answer, and gets it again. The leader of a stable group calls for a round so:
 * it knows of changes that its own metadata do not show, as new partitions.
 */
function needsRound(draft: ClassicDraft, before: ClassicMember, after: ClassicMember): boolean {
  switch (draft.state) {
    case 'PreparingRebalance':
      return true
    case 'CompletingRebalance':
      return !offersTheSame(before, after)
    case 'Stable':
      return draft.leaderId === after.memberId || !offersTheSame(before, after)
    case 'Empty':
    case 'Dead':
      return false
  }
}

function offersTheSame(a: ClassicMember, b: ClassicMember): boolean {
  return (
    a.protocols.length === b.protocols.length &&
    a.protocols.every(({ name, metadata }, place) => {
      const other = b.protocols[place]
      return other?.name === name && equalBytes(other.metadata, metadata)
    })
  )
}
