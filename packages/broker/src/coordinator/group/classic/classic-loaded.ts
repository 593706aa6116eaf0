import type { TimerChange } from '../../runtime/decision.ts'
import type { GroupChange } from '../change.ts'
import type { GroupEvent } from '../event.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { ClassicDraft } from './classic-draft.ts'
import type { ClassicGroup } from './classic-group.ts'
import { aliveTimers } from './classic-timers.ts'
import { largestGivenOut } from './generation-ids.ts'
import { rebalance } from './rebalance.ts'

/** After a reload each member's session begins anew, and a stable group goes on as if nothing had been. */
export function classicLoaded(state: GroupShardState, moment: GroupMoment): GroupDecision {
  const changes: GroupChange[] = []
  const timers: TimerChange<GroupEvent>[] = []
  for (const group of state.groups.values()) {
    if (group.kind !== 'classic') continue
    changes.push({
      type: 'classic-group-resumed',
      groupId: group.groupId,
      lastGenerationId: largestGivenOut(group.generationId),
    })
    for (const memberId of group.members.keys()) {
      for (const timer of aliveTimers(group, memberId, moment.patientMs)) timers.push(timer)
    }
    // There may be a hundred thousand groups: only one that is in need of a round costs a draft.
    if (group.members.size <= moment.rules.maxSize && !isUnassigned(group)) continue
    const draft = new ClassicDraft(group, moment)
    rebalance(draft)
    const begun = draft.decision()
    changes.push(...(begun.changes ?? []))
    timers.push(...(begun.timers ?? []))
  }
  return { changes, timers }
}

/**
 * A generation that was written before it had an assignment (see `generation-ids.ts`) is over, and so is one without a leader: a
 * consumer group has left it behind whose last member of the newer protocol went (see `downgrade.ts`).
 */
function isUnassigned({ members, leaderId }: ClassicGroup): boolean {
  if (leaderId === null) return members.size > 0
  for (const { assignment } of members.values()) if (assignment.length > 0) return false
  return members.size > 0
}
