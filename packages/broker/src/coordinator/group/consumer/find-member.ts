/** Who is meant by a member id, an instance id and an epoch. */
import type { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, LEAVES_FOR_A_WHILE, newMember } from './consumer-member.ts'
import type { Refusal } from './heartbeat-answer.ts'
import { isWithin, type ListedPartitions } from './topic-partitions.ts'

/** The member as it is before the request; `replaces` is the static member whose place it takes under another id or anew. */
export interface Seat {
  readonly member: ConsumerMember
  readonly replaces?: ConsumerMember
}

export interface Claimant {
  readonly memberId: string
  readonly instanceId: string | null
  /** 0 joins. Undefined for a member of the classic protocol: its generation is checked elsewhere. */
  readonly memberEpoch: number | undefined
  readonly owned: ListedPartitions | null
}

/** The member of a request that joins. */
export function joiningMember(group: ConsumerGroup, claimant: Claimant): Seat | Refusal {
  const { memberId, instanceId, memberEpoch, owned } = claimant
  const holder = instanceId === null ? undefined : staticMember(group, instanceId)
  if (holder === undefined) {
    const member = group.members.get(memberId) ?? newMember(memberId)
    return epochProblem(member, memberEpoch, owned) ?? { member }
  }
  const isConsumer = memberEpoch !== undefined && holder.classic === null
  if (isConsumer && holder.memberEpoch !== LEAVES_FOR_A_WHILE) {
    const message = `The instance id belongs to the member ${holder.memberId}, which has not left.`
    return { error: 'UNRELEASED_INSTANCE_ID', message }
  }
  return {
    member: { ...holder, memberId, memberEpoch: 0, previousMemberEpoch: 0 },
    replaces: holder,
  }
}

/** The member of a request that does not join. */
export function presentMember(group: ConsumerGroup, claimant: Claimant): ConsumerMember | Refusal {
  const { memberId, instanceId, memberEpoch, owned } = claimant
  const member =
    instanceId === null ? knownMember(group, memberId) : instanceOf(group, instanceId, memberId)
  if ('error' in member) return member
  return epochProblem(member, memberEpoch, owned) ?? member
}

export function knownMember(group: ConsumerGroup, memberId: string): ConsumerMember | Refusal {
  return (
    group.members.get(memberId) ?? {
      error: 'UNKNOWN_MEMBER_ID',
      message: `${memberId} is not a member of the group.`,
    }
  )
}

/** The static member of that name, if that member id is its own. */
export function instanceOf(
  group: ConsumerGroup,
  instanceId: string,
  memberId: string,
): ConsumerMember | Refusal {
  const member = staticMember(group, instanceId)
  if (member === undefined) {
    return { error: 'UNKNOWN_MEMBER_ID', message: `No member has the instance id ${instanceId}.` }
  }
  if (member.memberId === memberId) return member
  const message = `Another member has taken the place of the instance id ${instanceId}.`
  return { error: 'FENCED_INSTANCE_ID', message }
}

export function staticMember(group: ConsumerGroup, instanceId: string): ConsumerMember | undefined {
  const memberId = group.staticMembers.get(instanceId)
  return memberId === undefined ? undefined : group.members.get(memberId)
}

/** The previous epoch is good as long as the answer with the present one may have been lost. */
function epochProblem(
  member: ConsumerMember,
  epoch: number | undefined,
  owned: ListedPartitions | null,
): Refusal | undefined {
  if (epoch === undefined || epoch === member.memberEpoch) return undefined
  const isRetry =
    epoch < member.memberEpoch &&
    epoch === member.previousMemberEpoch &&
    owned !== null &&
    isWithin(owned, member.assigned)
  if (isRetry) return undefined
  const message = `The member is at epoch ${member.memberEpoch}, not ${epoch}; it has to give up its partitions and join again.`
  return { error: 'FENCED_MEMBER_EPOCH', message }
}
