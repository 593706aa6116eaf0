import type { GroupMetadataValue, GroupRecord } from '@varve/protocol'
import type { GroupShardState } from '../state.ts'
import { type ClassicGroup, type ClassicMember, emptyClassicGroup } from './classic-group.ts'
import { placeMember, removeAllMembers } from './classic-members.ts'
import { equalBytes } from './equal-bytes.ts'
import { metadataUnder } from './select-protocol.ts'

/** The record of a classic group: its key is the group, its value the group after a rebalance. */
export type ClassicRecord = Extract<GroupRecord, { readonly type: 'GroupMetadata' }>

/** Makes the group what the record says: Stable with members, Empty without. A record without a value ends the group. */
export function applyClassicRecord(state: GroupShardState, { key, value }: ClassicRecord): void {
  const known = state.groups.get(key.group)
  if (value === null) {
    if (known?.kind === 'classic') state.groups.delete(key.group)
    return
  }
  const group = known?.kind === 'classic' ? known : emptyClassicGroup(key.group)
  settle(group, value)
  state.groups.set(key.group, group)
}

/** A classic group as a record makes it. */
export function classicGroupOf(groupId: string, value: GroupMetadataValue): ClassicGroup {
  const group = emptyClassicGroup(groupId)
  settle(group, value)
  return group
}

function settle(group: ClassicGroup, value: GroupMetadataValue): void {
  const before = new Map(group.members)
  group.settled = value
  group.state = value.members.length === 0 ? 'Empty' : 'Stable'
  group.generationId = value.generation
  group.lastGenerationId = Math.max(group.lastGenerationId, value.generation)
  group.protocolType = value.protocolType === '' ? null : value.protocolType
  group.protocolName = value.protocol
  group.leaderId = value.leader
  group.initialRebalance = null
  group.joining.clear()
  group.syncing.clear()
  removeAllMembers(group)
  for (const stored of value.members) {
    placeMember(group, memberOf(stored, value.protocol ?? '', before.get(stored.memberId)))
  }
  for (const memberId of group.unsynced) {
    if (!group.members.has(memberId)) group.unsynced.delete(memberId)
  }
}

function memberOf(
  stored: GroupMetadataValue['members'][number],
  protocolName: string,
  known: ClassicMember | undefined,
): ClassicMember {
  const { memberId, clientId, clientHost, subscription, assignment } = stored
  const agreed = known === undefined ? undefined : metadataUnder(known, protocolName)
  // What else a member offers is not in the log, but it is known as long as it is the same member that offers it.
  const isSame = agreed !== undefined && equalBytes(agreed, subscription)
  return {
    memberId,
    instanceId: stored.groupInstanceId,
    clientId,
    clientHost,
    // Records of before version 1 have one timeout for both.
    rebalanceTimeoutMs:
      stored.rebalanceTimeout < 0 ? stored.sessionTimeout : stored.rebalanceTimeout,
    sessionTimeoutMs: stored.sessionTimeout,
    protocols:
      isSame && known !== undefined
        ? known.protocols
        : [{ name: protocolName, metadata: subscription }],
    assignment,
  }
}
