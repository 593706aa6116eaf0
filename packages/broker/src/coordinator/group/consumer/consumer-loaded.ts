import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { LEAVES_FOR_A_WHILE } from './consumer-member.ts'
import { type Draft, newDraft } from './draft.ts'
import { rebalanceTimer, sessionTimer } from './member-timers.ts'
import { currentMetadataHash } from './subscribed-topics.ts'
import { startAssignment } from './target-assignment.ts'
import { bumpGroupEpoch } from './update-member.ts'

/** After a reload: every member gets its time again, and groups go on where they were. */
export function consumerLoaded(state: GroupShardState, moment: GroupMoment): GroupDecision {
  const draft = newDraft()
  for (const group of state.groups.values()) {
    if (group.kind !== 'consumer' || group.members.size === 0) continue
    for (const member of group.members.values()) {
      draft.timers.push(sessionTimer(group.groupId, member, moment))
      const isAway = member.memberEpoch === LEAVES_FOR_A_WHILE
      if (member.classic === null && member.state === 'UNREVOKED_PARTITIONS' && !isAway) {
        draft.timers.push(rebalanceTimer(group.groupId, member, moment))
      }
    }
    if (group.patternSubscribers.size > 0) {
      draft.changes.push({ type: 'consumer-topics-changed', groupId: group.groupId })
    }
    catchUp(draft, { state, group }, moment)
  }
  return draft
}

/**
 * Begins a new epoch if the topics are not what they were, and computes targets if they lag behind: not at once, as many groups may do
 * the same for the same reason.
 */
export function catchUp(
  draft: Draft,
  { state, group }: { readonly state: GroupShardState; readonly group: ConsumerGroup },
  moment: GroupMoment,
): void {
  const hash = currentMetadataHash(group, moment.image)
  const epoch = hash === group.metadataHash ? group.groupEpoch : bumpGroupEpoch(draft, group, hash)
  if (epoch > group.assignmentEpoch) {
    startAssignment(draft, { state, group }, { epoch, moment, begins: 'later' })
  }
}
