/** The members of a classic group and what is counted of them, kept together. Called by `apply` alone. */
import { Buffer } from 'node:buffer'
import type { ClassicGroup, ClassicMember } from './classic-group.ts'

/** Puts a member into the group, in the place of the one with the same id. */
export function placeMember(group: ClassicGroup, member: ClassicMember): void {
  forget(group, member.memberId)
  group.members.set(member.memberId, member)
  if (member.instanceId !== null) group.staticMembers.set(member.instanceId, member.memberId)
  for (const { name } of member.protocols) {
    group.protocolCounts.set(name, (group.protocolCounts.get(name) ?? 0) + 1)
  }
  group.storedBytes += storedBytesOf(member)
}

export function removeMember(group: ClassicGroup, memberId: string): void {
  forget(group, memberId)
  group.members.delete(memberId)
  group.joining.delete(memberId)
  group.syncing.delete(memberId)
  group.unsynced.delete(memberId)
  if (group.leaderId === memberId) group.leaderId = null
}

export function removeAllMembers(group: ClassicGroup): void {
  group.members.clear()
  group.staticMembers.clear()
  group.protocolCounts.clear()
  group.storedBytes = 0
}

/** What a member takes up in the group's record at most, its assignment aside. */
export function storedBytesOf(member: ClassicMember): number {
  const { memberId, instanceId, clientId, clientHost, protocols } = member
  const names = memberId + (instanceId ?? '') + clientId + clientHost
  const metadata = protocols.reduce((most, { metadata }) => Math.max(most, metadata.length), 0)
  return FIXED_BYTES + Buffer.byteLength(names) + metadata
}

/** Lengths of four strings and two byte fields, and two timeouts. */
const FIXED_BYTES = 24

function forget(group: ClassicGroup, memberId: string): void {
  const member = group.members.get(memberId)
  if (member === undefined) return
  // The instance may belong to a newer member already.
  if (member.instanceId !== null && group.staticMembers.get(member.instanceId) === memberId) {
    group.staticMembers.delete(member.instanceId)
  }
  for (const { name } of member.protocols) {
    const count = (group.protocolCounts.get(name) ?? 0) - 1
    if (count > 0) group.protocolCounts.set(name, count)
    else group.protocolCounts.delete(name)
  }
  group.storedBytes -= storedBytesOf(member)
}
