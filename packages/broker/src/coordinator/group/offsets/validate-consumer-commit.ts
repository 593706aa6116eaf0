import type { ErrorName } from '@varve/protocol'
import type { ConsumerGroup } from '../consumer/consumer-group.ts'
import type { ConsumerMember } from '../consumer/consumer-member.ts'

/** Who commits or reads the offsets of a group of the consumer protocol. */
export interface ConsumerClaim {
  readonly memberId: string
  /** Negative for a client that is no member. */
  readonly memberEpoch: number
}

/** The first version in which members of the consumer protocol can commit. */
const MEMBER_EPOCHS_SINCE = 9

/**
 * Whether a commit is one of the group as it is now (G2): from a member at its epoch, or from a client outside of the protocol while the
 * group has no members.
 */
export function validateConsumerCommit(
  group: ConsumerGroup,
  claim: ConsumerClaim & { readonly apiVersion: number },
): ErrorName {
  if (claim.memberEpoch < 0 && group.members.size === 0) return 'NONE'
  const member = group.members.get(claim.memberId)
  if (member === undefined) return 'UNKNOWN_MEMBER_ID'
  if (member.classic === null && claim.apiVersion < MEMBER_EPOCHS_SINCE) {
    return 'UNSUPPORTED_VERSION'
  }
  return epochError(member, claim.memberEpoch)
}

/** Whether whoever reads offsets may: a member at its epoch, or a client that does not say that it is one. */
export function validateConsumerFetch(
  group: ConsumerGroup,
  { memberId, memberEpoch }: { readonly memberId: string | null; readonly memberEpoch: number },
): ErrorName {
  if (memberId === null && memberEpoch < 0) return 'NONE'
  const member = memberId === null ? undefined : group.members.get(memberId)
  return member === undefined ? 'UNKNOWN_MEMBER_ID' : epochError(member, memberEpoch)
}

function epochError(member: ConsumerMember, memberEpoch: number): ErrorName {
  if (memberEpoch === member.memberEpoch) return 'NONE'
  return member.classic === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION'
}
