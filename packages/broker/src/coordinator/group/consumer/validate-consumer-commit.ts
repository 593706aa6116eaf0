import type { ErrorName } from '@varve/protocol'
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'

/** Members of the consumer protocol commit with this version or a later one: earlier ones cannot say their epoch. */
const VERSION_WITH_MEMBER_EPOCH = 9

export interface ConsumerCommit {
  readonly memberId: string
  /** Negative for a client that is no member. */
  readonly memberEpoch: number
  readonly apiVersion: number
  /** A transaction may commit without saying who it is. */
  readonly by: 'OffsetCommit' | 'TxnOffsetCommit'
}

/**
 * Whether a commit is one of the group as it is now (G2): from a member at its present epoch, or from a client outside of the protocol while
 * the group has no members.
 */
export function validateConsumerCommit(group: ConsumerGroup, commit: ConsumerCommit): ErrorName {
  const { memberId, memberEpoch, apiVersion, by } = commit
  if (memberEpoch < 0 && group.members.size === 0) return 'NONE'
  if (by === 'TxnOffsetCommit' && memberId === '' && memberEpoch === -1) return 'NONE'
  const member = group.members.get(memberId)
  if (member === undefined) return 'UNKNOWN_MEMBER_ID'
  const needsVersion = by === 'OffsetCommit' && member.classic === null
  if (needsVersion && apiVersion < VERSION_WITH_MEMBER_EPOCH) return 'UNSUPPORTED_VERSION'
  return memberEpochError(member, memberEpoch)
}

/** A member reads and commits at its present epoch only. */
export function memberEpochError(member: ConsumerMember, memberEpoch: number): ErrorName {
  if (member.memberEpoch === memberEpoch) return 'NONE'
  return member.classic === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION'
}
