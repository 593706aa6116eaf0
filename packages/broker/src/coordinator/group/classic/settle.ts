import type { SyncGroupRequest, SyncGroupResponse } from '@varve/protocol'
import type { Ticket } from '../../runtime/decision.ts'
import type { ClassicDraft } from './classic-draft.ts'
import { NO_BYTES } from './classic-group.ts'
import { classicGroupRecord, recordBytesOf } from './classic-group-record.ts'
import { syncTimer } from './classic-timers.ts'
import { rebalance } from './rebalance.ts'
import { refusedSync, synced } from './sync-answers.ts'

/** A SyncGroup request that waits, with the member that sent it. */
interface WaitingSync {
  readonly memberId: string
  readonly ticket: Ticket<SyncGroupResponse>
}

/**
 * Ends the round with the leader's assignments. They are answered when the record that holds them is durable, and so a generation has
 * one assignment, whatever happens to the broker (G1). Who is not mentioned is assigned nothing.
 */
export function settle(
  draft: ClassicDraft,
  assignments: SyncGroupRequest['assignments'],
  leader: WaitingSync,
): void {
  const { groupId, group, moment } = draft
  const given = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]))
  const members = [...group.members.values()].map(member => ({
    ...member,
    assignment: given.get(member.memberId) ?? NO_BYTES,
  }))
  const { generationId, protocolType, protocolName, leaderId } = group
  const sinceMs = moment.nowMs
  const settled = { groupId, generationId, protocolType, protocolName, leaderId, sinceMs, members }
  if (recordBytesOf(settled) > moment.rules.maxRecordBytes) {
    draft.answer(leader.ticket, refusedSync('UNKNOWN_SERVER_ERROR'))
    return rebalance(draft)
  }
  draft.become('Stable')
  draft.change(classicGroupRecord(settled))
  draft.change({ type: 'classic-member-synced', groupId, memberId: leader.memberId })
  for (const member of members) {
    const { memberId, assignment } = member
    const ticket = memberId === leader.memberId ? leader.ticket : group.syncing.get(memberId)
    if (ticket === undefined) continue
    draft.answer(ticket, synced(group, assignment))
    draft.beginSession(member)
  }
  const isLast = group.unsynced.size === (group.unsynced.has(leader.memberId) ? 1 : 0)
  if (isLast) draft.time({ cancel: syncTimer(groupId) })
}
