import type { TimerChange } from '../../runtime/decision.ts'
import type { GroupEvent } from '../event.ts'
import type { ClassicGroup } from './classic-group.ts'

/** Keys of timers. The length of the group id keeps groups and members with slashes in their names apart. */
export const sessionTimer = (groupId: string, memberId: string): string =>
  `${groupId.length}:${groupId}/session/${memberId}`
export const joinTimer = (groupId: string): string => `${groupId.length}:${groupId}/join`
export const syncTimer = (groupId: string): string => `${groupId.length}:${groupId}/sync`

/** Moves the deadline by which something has to be heard of a member. */
export function sessionUntil(
  groupId: string,
  memberId: string,
  atMs: number,
): TimerChange<GroupEvent> {
  const event = { type: 'classic-session-expired', groupId, memberId } as const
  return { set: sessionTimer(groupId, memberId), atMs, event }
}

/**
 * A member was heard of: its session begins again. Nothing moves for one that waits in JoinGroup or SyncGroup, because it is alive
 * until it is answered.
 */
export function aliveTimers(
  group: ClassicGroup,
  memberId: string,
  patientMs: number,
): readonly TimerChange<GroupEvent>[] {
  const member = group.members.get(memberId)
  if (member === undefined || group.joining.has(memberId) || group.syncing.has(memberId)) return []
  return [sessionUntil(group.groupId, memberId, patientMs + member.sessionTimeoutMs)]
}
