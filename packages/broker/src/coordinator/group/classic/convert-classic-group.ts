/** What turns a classic group into one of another kind and back (KIP-848). */
import { type Answer, answer, type TimerChange } from '../../runtime/decision.ts'
import type { GroupChange } from '../change.ts'
import type { GroupEvent } from '../event.ts'
import type { GroupMoment } from '../group-logic.ts'
import { classicGroupOf } from './apply-classic-record.ts'
import { ClassicDraft } from './classic-draft.ts'
import type { ClassicGroup } from './classic-group.ts'
import {
  classicGroupRecord,
  classicGroupTombstone,
  type SettledGroup,
} from './classic-group-record.ts'
import { joinTimer, sessionTimer, syncTimer } from './classic-timers.ts'
import { refusedJoin } from './join-answers.ts'
import { rebalance } from './rebalance.ts'
import { refusedSync } from './sync-answers.ts'

/** Parts of a decision. */
export interface ConversionSteps {
  readonly changes: readonly GroupChange[]
  readonly answers: readonly Answer[]
  readonly timers: readonly TimerChange<GroupEvent>[]
}

/**
 * Ends a classic group for another kind in its place: the record that takes it out of the log, REBALANCE_IN_PROGRESS for all who wait,
 * and no timers any more. Stands before the changes that make the other group.
 */
export function endClassicGroup(group: ClassicGroup): ConversionSteps {
  const { groupId, members, pendingMembers, joining, syncing } = group
  const changes: GroupChange[] =
    group.settled === null
      ? [{ type: 'classic-group-closed', groupId }]
      : [classicGroupTombstone(groupId)]
  const joins = [...joining].map(([memberId, { ticket }]) =>
    answer(ticket, refusedJoin(memberId, 'REBALANCE_IN_PROGRESS')),
  )
  const syncs = [...syncing.values()].map(ticket =>
    answer(ticket, refusedSync('REBALANCE_IN_PROGRESS')),
  )
  const keys = [...members.keys(), ...pendingMembers].map(id => sessionTimer(groupId, id))
  return {
    changes,
    answers: [...joins, ...syncs],
    timers: [...keys, joinTimer(groupId), syncTimer(groupId)].map(cancel => ({ cancel })),
  }
}

/**
 * Makes a classic group of given members, whose sessions begin. `continue` leaves it stable with the assignments given; `rebalance`
 * calls the members together at once. Stands behind the changes that end the other group.
 */
export function beginClassicGroup(
  settled: SettledGroup,
  then: 'continue' | 'rebalance',
  moment: GroupMoment,
): ConversionSteps {
  const change = classicGroupRecord(settled)
  const group = classicGroupOf(settled.groupId, change.record.value)
  const draft = new ClassicDraft(group, moment)
  draft.change(change)
  for (const member of settled.members) draft.beginSession(member)
  if (then === 'rebalance') rebalance(draft)
  const { changes, answers, timers } = draft.decision()
  return { changes: changes ?? [], answers: answers ?? [], timers: timers ?? [] }
}
