import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import type { ConsumerEvent } from './consumer-event.ts'
import { downgradeIfClassic } from './downgrade.ts'
import { newDraft } from './draft.ts'
import { removeMembers } from './remove-members.ts'
import { patternsResolved } from './resolve-patterns.ts'
import { settle } from './settle.ts'
import { targetsComputed } from './target-assignment.ts'

/** Decides what a timer or a piece of work of a consumer group means now. */
export function consumerFired(
  state: GroupShardState,
  event: ConsumerEvent,
  moment: GroupMoment,
): GroupDecision {
  switch (event.type) {
    case 'consumer-session-expired':
      return fence(state, event, moment)
    case 'consumer-rebalance-expired':
      return fenceSlow(state, event, moment)
    case 'consumer-targets-computed':
      return targetsComputed(state, event, moment)
    case 'consumer-settle':
      return settle(state, event, moment)
    case 'consumer-downgrade':
      return downgradeIfClassic(state, event, moment)
    case 'consumer-patterns-resolved':
      return patternsResolved(state, event, moment)
  }
}

interface Fencing {
  readonly groupId: string
  readonly memberId: string
}

function fence(
  state: GroupShardState,
  { groupId, memberId }: Fencing,
  moment: GroupMoment,
): GroupDecision {
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer') return {}
  const member = group.members.get(memberId)
  if (member === undefined) return {}
  const draft = newDraft()
  removeMembers(draft, { state, group }, { members: [member], moment })
  return draft
}

/** Only a member that is still where it was when the deadline was set is too late. */
function fenceSlow(
  state: GroupShardState,
  event: Extract<ConsumerEvent, { type: 'consumer-rebalance-expired' }>,
  moment: GroupMoment,
): GroupDecision {
  const group = state.groups.get(event.groupId)
  const member = group?.kind === 'consumer' ? group.members.get(event.memberId) : undefined
  if (member?.state !== 'UNREVOKED_PARTITIONS' || member.memberEpoch !== event.memberEpoch)
    return {}
  return fence(state, event, moment)
}
