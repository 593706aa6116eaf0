import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { ClassicDraft } from './classic-draft.ts'
import type { ClassicEvent } from './classic-event.ts'
import { endInitialDelay, endJoinPhase, rebalance } from './rebalance.ts'

/** Decides what a timer of a classic group fired. One of a round that is over changes nothing. */
export function classicFired(
  state: GroupShardState,
  event: ClassicEvent,
  moment: GroupMoment,
): GroupDecision {
  const group = state.groups.get(event.groupId)
  if (group?.kind !== 'classic') return {}
  const draft = new ClassicDraft(group, moment)
  switch (event.type) {
    case 'classic-session-expired':
      expireSession(draft, event.memberId)
      break
    case 'classic-join-expired':
      if (group.state !== 'PreparingRebalance' || group.generationId !== event.generationId) break
      if (group.initialRebalance === null) endJoinPhase(draft)
      else endInitialDelay(draft)
      break
    case 'classic-sync-expired':
      if (group.generationId === event.generationId) expireSync(draft)
      break
  }
  return draft.decision()
}

function expireSession(draft: ClassicDraft, memberId: string): void {
  if (draft.isPending(memberId)) draft.endPending(memberId)
  else if (draft.member(memberId) !== undefined) draft.remove(memberId)
  else return
  // A pending member holds up a round, but none begins because it is gone.
  if (draft.state === 'Stable' || draft.state === 'CompletingRebalance') {
    if (draft.memberCount === draft.group.members.size) return
  }
  rebalance(draft)
}

/** Members that had a generation's whole time and did not ask for their assignment are gone: the others divide what they would have had. */
function expireSync(draft: ClassicDraft): void {
  const { unsynced } = draft.group
  if (unsynced.size === 0) return
  for (const memberId of unsynced) draft.remove(memberId)
  rebalance(draft)
}
