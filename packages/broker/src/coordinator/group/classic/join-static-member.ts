import type { ClassicDraft } from './classic-draft.ts'
import type { ClassicMember } from './classic-group.ts'
import { classicGroupRecord } from './classic-group-record.ts'
import { joined } from './join-answers.ts'
import type { AskedJoin } from './join-group.ts'
import { freshMemberId, memberOf } from './joining-member.ts'
import { rebalance } from './rebalance.ts'
import { metadataUnder, selectProtocol } from './select-protocol.ts'
import { topicsOf } from './subscribed-topics.ts'

/**
 * A static member came back without its member id: it was restarted (KIP-345). It gets a new id, and what still uses the old one is
 * fenced. In a stable group it goes on with its assignment and nobody else notices.
 */
export function rejoinAsStaticMember(
  draft: ClassicDraft,
  asked: AskedJoin,
  oldMemberId: string,
): void {
  const { ticket, request } = asked
  const before = draft.member(oldMemberId)
  if (before === undefined) return
  const member = {
    ...memberOf(asked, freshMemberId(asked)),
    assignment: before.assignment,
  }
  const oldLeaderId = draft.leaderId
  draft.replace(oldMemberId, member)
  if (draft.state !== 'Stable' || changesAssignment(draft, before, member)) {
    draft.park(member, request.protocolType, { ticket })
    return rebalance(draft)
  }
  const { groupId, group } = draft
  const members = [...draft.members()]
  const { generationId, protocolType, protocolName } = group
  const leaderId = draft.leaderId ?? ''
  const settled = { generationId, protocolType, protocolName, leaderId }
  draft.change(classicGroupRecord({ groupId, ...settled, sinceMs: draft.moment.nowMs, members }))
  draft.beginSession(member)
  const isLeader = leaderId === member.memberId
  if (asked.apiVersion >= 9) {
    // KIP-814: the leader may look at the group, but its assignment stands.
    const answer = joined(settled, member.memberId, isLeader ? members : [])
    return draft.answer(ticket, { ...answer, skipAssignment: isLeader })
  }
  // Before version 9, a leader that was told so would assign again. So it hears of its former self.
  const told = { ...settled, leaderId: oldLeaderId ?? '' }
  draft.answer(ticket, joined(told, member.memberId, []))
}

/** Whether the group has to meet because of what the member offers now: another protocol would win, or it reads other topics. */
function changesAssignment(
  draft: ClassicDraft,
  before: ClassicMember,
  after: ClassicMember,
): boolean {
  const { protocolName, protocolType } = draft.group
  if (selectProtocol([...draft.members()]) !== protocolName) return true
  if (protocolType !== 'consumer') return false
  const topicsBefore = topicsOf(metadataUnder(before, protocolName))
  const topicsAfter = topicsOf(metadataUnder(after, protocolName))
  if (topicsBefore === undefined || topicsAfter === undefined) return false
  return (
    topicsBefore.size !== topicsAfter.size || [...topicsAfter].some(name => !topicsBefore.has(name))
  )
}
