/** How a member gets from what it has to what it shall have: it gives up first, and takes what others have given up. */
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import {
  joinedPartitions,
  type ListedPartitions,
  overlaps,
  type TopicPartitions,
} from './topic-partitions.ts'

export interface WayToTarget {
  readonly target: TopicPartitions
  readonly assignmentEpoch: number
  /** What the member says to hold; null when it does not say. */
  readonly owned: ListedPartitions | null
  /** Whether nobody has the partition, neither assigned nor still to be given up. */
  readonly isFree: (topicId: string, partition: number) => boolean
}

/** The same value when there is nothing to do; `FENCED` for a member that has to begin anew without partitions. */
export function reconcile(member: ConsumerMember, way: WayToTarget): ConsumerMember | 'FENCED' {
  switch (member.state) {
    case 'STABLE':
      if (member.memberEpoch === way.assignmentEpoch) return member
      return stepTowards(member, member.memberEpoch, way)
    case 'UNREVOKED_PARTITIONS':
      // What it no longer reports it has given up.
      if (way.owned === null || overlaps(way.owned, member.pendingRevocation)) return member
      return stepTowards(member, member.memberEpoch + 1, way)
    case 'UNRELEASED_PARTITIONS':
      return stepTowards(member, member.memberEpoch, way)
    case 'UNKNOWN':
      if (way.owned === null || way.owned.length > 0) return 'FENCED'
      return stepTowards(member, way.assignmentEpoch, way)
  }
}

/** `epochIfRevoking` is the epoch at which it stays while it has to give up something. */
function stepTowards(
  member: ConsumerMember,
  epochIfRevoking: number,
  way: WayToTarget,
): ConsumerMember {
  const { kept, revoked, added, hasUnreleased } = comparePartitions(member.assigned, way)
  if (revoked.size > 0 && (way.owned === null || overlaps(way.owned, revoked))) {
    return {
      ...member,
      state: 'UNREVOKED_PARTITIONS',
      previousMemberEpoch: member.memberEpoch,
      memberEpoch: epochIfRevoking,
      assigned: kept,
      pendingRevocation: revoked,
    }
  }
  return {
    ...member,
    state: hasUnreleased ? 'UNRELEASED_PARTITIONS' : 'STABLE',
    previousMemberEpoch: member.memberEpoch,
    memberEpoch: way.assignmentEpoch,
    assigned: joinedPartitions(kept, added),
    pendingRevocation: new Map(),
  }
}

interface Comparison {
  readonly kept: TopicPartitions
  readonly revoked: TopicPartitions
  readonly added: TopicPartitions
  readonly hasUnreleased: boolean
}

function comparePartitions(assigned: TopicPartitions, { target, isFree }: WayToTarget): Comparison {
  const kept = new Map<string, readonly number[]>()
  const revoked = new Map<string, readonly number[]>()
  const added = new Map<string, readonly number[]>()
  let hasUnreleased = false
  const put = (into: Map<string, readonly number[]>, topicId: string, numbers: readonly number[]) =>
    numbers.length > 0 && into.set(topicId, numbers)
  for (const topicId of new Set([...assigned.keys(), ...target.keys()])) {
    const has = assigned.get(topicId) ?? []
    const wanted = new Set(target.get(topicId))
    put(
      kept,
      topicId,
      has.filter(number => wanted.has(number)),
    )
    put(
      revoked,
      topicId,
      has.filter(number => !wanted.has(number)),
    )
    for (const number of has) wanted.delete(number)
    const free = [...wanted].filter(number => isFree(topicId, number))
    put(added, topicId, free)
    if (free.length < wanted.size) hasUnreleased = true
  }
  return { kept, revoked, added, hasUnreleased }
}

/** Whether the partition is free as far as the group's members go. */
export function isFreeIn(group: ConsumerGroup, topicId: string, partition: number): boolean {
  return group.owners.get(topicId)?.has(partition) !== true
}
