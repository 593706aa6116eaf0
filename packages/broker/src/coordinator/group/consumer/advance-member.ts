import type { GroupMoment } from '../group-logic.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { currentAssignmentRecord } from './consumer-records.ts'
import { isFreeIn, reconcile } from './current-assignment.ts'
import type { Draft } from './draft.ts'
import type { Refusal } from './heartbeat-answer.ts'
import { cancelTimer, rebalanceTimer } from './member-timers.ts'
import { type ListedPartitions, NO_PARTITIONS, samePartitions } from './topic-partitions.ts'

export interface Advance {
  readonly member: ConsumerMember
  /** Under which member id the target lies: another one for a static member that is just being replaced. */
  readonly targetOf: string
  readonly owned: ListedPartitions | null
  readonly moment: GroupMoment
  /** What others took in the same decision. */
  readonly taken?: Taken
}

/** Partitions that were given out in a decision, as `<topic id>:<partition>`. */
export type Taken = Set<string>

/** Takes a member as far towards its target as it can go, writes where it is, and sets its deadline. */
export function advanceMember(
  draft: Draft,
  group: ConsumerGroup,
  { member, targetOf, owned, moment, taken }: Advance,
): ConsumerMember | Refusal {
  const { groupId, assignmentEpoch } = group
  const advanced = reconcile(member, {
    target: group.targets.get(targetOf) ?? NO_PARTITIONS,
    assignmentEpoch,
    owned,
    isFree: (topicId, partition) =>
      isFreeIn(group, topicId, partition) && taken?.has(`${topicId}:${partition}`) !== true,
  })
  if (advanced === 'FENCED') {
    const message =
      'The state of the member is not known; it has to give up its partitions and join again.'
    return { error: 'FENCED_MEMBER_EPOCH', message }
  }
  if (isAtSamePlace(member, advanced)) return member
  if (taken !== undefined) {
    for (const [topicId, numbers] of advanced.assigned)
      for (const number of numbers) taken.add(`${topicId}:${number}`)
  }
  draft.changes.push(currentAssignmentRecord(groupId, advanced))
  if (advanced.classic !== null) return advanced
  draft.timers.push(
    advanced.state === 'UNREVOKED_PARTITIONS'
      ? rebalanceTimer(groupId, advanced, moment)
      : cancelTimer('rebalance', groupId, advanced.memberId),
  )
  return advanced
}

function isAtSamePlace(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one === other ||
    (one.state === other.state &&
      one.memberEpoch === other.memberEpoch &&
      one.previousMemberEpoch === other.previousMemberEpoch &&
      samePartitions(one.assigned, other.assigned) &&
      samePartitions(one.pendingRevocation, other.pendingRevocation))
  )
}
