import { Buffer } from 'node:buffer'
import type { GroupMetadataValue } from '@varve/protocol'
import type { GroupChange } from '../change.ts'
import { type ClassicMember, NO_BYTES } from './classic-group.ts'
import { storedBytesOf } from './classic-members.ts'
import { metadataUnder } from './select-protocol.ts'

/** The parts of a classic group that go into the log. */
export interface SettledGroup {
  readonly groupId: string
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leaderId: string | null
  /** The wall clock, in milliseconds. */
  readonly sinceMs: number
  /** With their assignments. */
  readonly members: readonly ClassicMember[]
}

/** The hard change of a classic group, with its value at hand. */
export type ClassicRecordChange = GroupChange & {
  readonly type: 'record'
  readonly record: { readonly value: GroupMetadataValue }
}

/** The record that makes a classic group what is given. */
export function classicGroupRecord(group: SettledGroup): ClassicRecordChange {
  const value: GroupMetadataValue = {
    protocolType: group.protocolType ?? '',
    generation: group.generationId,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: group.sinceMs,
    members: group.members.map(member => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataUnder(member, group.protocolName) ?? NO_BYTES,
      assignment: member.assignment,
    })),
  }
  return { type: 'record', record: { type: 'GroupMetadata', key: { group: group.groupId }, value } }
}

/** The record that ends a classic group. */
export function classicGroupTombstone(groupId: string): GroupChange {
  const record = { type: 'GroupMetadata', key: { group: groupId }, value: null } as const
  return { type: 'record', record }
}

/** What the record takes up at most, with the batch around it. */
export function recordBytesOf(group: SettledGroup): number {
  const { groupId, protocolType, protocolName, leaderId, members } = group
  return members.reduce(
    (sum, member) => sum + storedBytesOf(member) + member.assignment.length,
    fixedRecordBytes(groupId, protocolType, protocolName, leaderId),
  )
}

/** What the names of a group take up in a record, with the batch around it. */
export function fixedRecordBytes(...names: readonly (string | null)[]): number {
  return 200 + names.reduce((sum, name) => sum + Buffer.byteLength(name ?? ''), 0)
}
