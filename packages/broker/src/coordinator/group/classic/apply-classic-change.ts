import type { GroupShardState } from '../state.ts'
import type { ClassicChange } from './classic-change.ts'
import { type ClassicGroup, emptyClassicGroup } from './classic-group.ts'
import { placeMember, removeMember } from './classic-members.ts'

/** Applies a soft change of a classic group. One of a group that is not there any more changes nothing. */
export function applyClassicChange(state: GroupShardState, change: ClassicChange): void {
  const group = state.groups.get(change.groupId)
  if (group?.kind === 'classic') return applyTo(state, group, change)
  if (group !== undefined) return
  if (change.type !== 'classic-member-pending' && change.type !== 'classic-member-joining') return
  const opened = emptyClassicGroup(change.groupId)
  state.groups.set(change.groupId, opened)
  applyTo(state, opened, change)
}

function applyTo(state: GroupShardState, group: ClassicGroup, change: ClassicChange): void {
  switch (change.type) {
    case 'classic-member-pending':
      group.pendingMembers.add(change.memberId)
      return
    case 'classic-pending-ended':
      group.pendingMembers.delete(change.memberId)
      return
    case 'classic-member-joining':
      joinRound(group, change)
      return
    case 'classic-member-replaced':
      replaceMember(group, change)
      return
    case 'classic-member-removed':
      removeMember(group, change.memberId)
      return
    case 'classic-rebalance-begun':
      group.state = 'PreparingRebalance'
      group.initialRebalance = change.initial
      group.syncing.clear()
      group.unsynced.clear()
      return
    case 'classic-rebalance-delayed':
      group.initialRebalance = change.initial
      return
    case 'classic-generation-begun':
      beginGeneration(group, change)
      return
    case 'classic-member-syncing':
      group.syncing.set(change.memberId, change.ticket)
      group.unsynced.delete(change.memberId)
      return
    case 'classic-member-synced':
      group.unsynced.delete(change.memberId)
      return
    case 'classic-group-emptied':
      group.state = 'Empty'
      group.initialRebalance = null
      return
    case 'classic-group-closed':
      group.state = 'Dead'
      state.groups.delete(change.groupId)
      return
    case 'classic-group-resumed':
      group.lastGenerationId = Math.max(group.lastGenerationId, change.lastGenerationId)
      return
  }
}

type Change<Type extends ClassicChange['type']> = Extract<ClassicChange, { readonly type: Type }>

function joinRound(group: ClassicGroup, change: Change<'classic-member-joining'>): void {
  const { member, protocolType, parked } = change
  if (group.members.size === 0) group.protocolType = protocolType
  placeMember(group, member)
  group.joining.set(member.memberId, parked)
  group.pendingMembers.delete(member.memberId)
  const initial = group.initialRebalance
  if (initial !== null) group.initialRebalance = { ...initial, hasNewMember: true }
}

function replaceMember(group: ClassicGroup, change: Change<'classic-member-replaced'>): void {
  const { oldMemberId, member } = change
  const wasLeader = group.leaderId === oldMemberId
  removeMember(group, oldMemberId)
  placeMember(group, member)
  if (wasLeader) group.leaderId = member.memberId
}

function beginGeneration(group: ClassicGroup, change: Change<'classic-generation-begun'>): void {
  group.state = 'CompletingRebalance'
  group.generationId = change.generationId
  group.lastGenerationId = change.generationId
  group.protocolName = change.protocolName
  group.leaderId = change.leaderId
  group.initialRebalance = null
  group.joining.clear()
  for (const memberId of group.members.keys()) group.unsynced.add(memberId)
}
