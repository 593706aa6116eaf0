/** The deadlines of members. */
import type { TimerChange } from '../../runtime/decision.ts'
import type { GroupEvent } from '../event.ts'
import type { GroupMoment } from '../group-logic.ts'
import type { ConsumerMember } from './consumer-member.ts'

type Timer = TimerChange<GroupEvent>

/** The member has to be heard of within its session timeout. */
export function sessionTimer(groupId: string, member: ConsumerMember, moment: GroupMoment): Timer {
  const { memberId, classic } = member
  const timeoutMs = classic?.sessionTimeoutMs ?? moment.rules.consumer.sessionTimeoutMsOf(groupId)
  return expiry('session', groupId, { memberId, atMs: moment.patientMs + timeoutMs })
}

/** The member has to give up what it shall within its rebalance timeout. */
export function rebalanceTimer(
  groupId: string,
  member: ConsumerMember,
  moment: GroupMoment,
): Timer {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member
  return {
    set: timerKey('rebalance', groupId, memberId),
    atMs: moment.patientMs + rebalanceTimeoutMs,
    event: { type: 'consumer-rebalance-expired', groupId, memberId, memberEpoch },
  }
}

/** A classic member that was told to join again, or that joined and has to fetch its assignment, has its rebalance timeout for it. */
export function classicTimer(
  kind: 'join' | 'sync',
  groupId: string,
  { member, moment }: { readonly member: ConsumerMember; readonly moment: GroupMoment },
): Timer {
  const { memberId, rebalanceTimeoutMs } = member
  return expiry(kind, groupId, { memberId, atMs: moment.patientMs + rebalanceTimeoutMs })
}

function expiry(
  kind: TimerKind,
  groupId: string,
  { memberId, atMs }: { readonly memberId: string; readonly atMs: number },
): Timer {
  const event = { type: 'consumer-session-expired', groupId, memberId } as const
  return { set: timerKey(kind, groupId, memberId), atMs, event }
}

export function cancelTimer(kind: TimerKind, groupId: string, memberId: string): Timer {
  return { cancel: timerKey(kind, groupId, memberId) }
}

export function cancelAllTimers(groupId: string, memberId: string): Timer[] {
  return TIMER_KINDS.map(kind => cancelTimer(kind, groupId, memberId))
}

const TIMER_KINDS = ['session', 'rebalance', 'join', 'sync'] as const
type TimerKind = (typeof TIMER_KINDS)[number]

/** The length of the group id keeps groups and members with slashes in their names apart. */
function timerKey(kind: TimerKind, groupId: string, memberId: string): string {
  return `${groupId.length}:${groupId}/consumer-${kind}/${memberId}`
}
