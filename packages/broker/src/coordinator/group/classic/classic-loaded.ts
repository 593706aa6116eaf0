import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { ClassicDraft } from './classic-draft.ts'
import type { ClassicGroup } from './classic-group.ts'
import { aliveTimers } from './classic-timers.ts'
import { largestGivenOut } from './generation-ids.ts'
import { rebalance } from './rebalance.ts'

/** After a reload each member's session begins anew, and a stable group goes on as if nothing had been. */
export function classicLoaded(state: GroupShardState, moment: GroupMoment): GroupDecision {
  const decisions: GroupDecision[] = []
  for (const group of state.groups.values()) {
    if (group.kind === 'classic') decisions.push(resume(group, moment))
  }
  return {
    changes: decisions.flatMap(({ changes }) => changes ?? []),
    timers: decisions.flatMap(({ timers }) => timers ?? []),
  }
}

function resume(group: ClassicGroup, moment: GroupMoment): GroupDecision {
  const draft = new ClassicDraft(group, moment)
  draft.change({
    type: 'classic-group-resumed',
    groupId: group.groupId,
    lastGenerationId: largestGivenOut(group.generationId),
  })
  for (const memberId of group.members.keys()) {
    for (const timer of aliveTimers(group, memberId, moment.patientMs)) draft.time(timer)
  }
  if (group.members.size > moment.rules.maxSize || isUnassigned(group)) rebalance(draft)
  return draft.decision()
}

/** A generation that was written before it had an assignment (see `generation-ids.ts`) is over. */
function isUnassigned({ members }: ClassicGroup): boolean {
  return (
    members.size > 0 && [...members.values()].every(({ assignment }) => assignment.length === 0)
  )
}
