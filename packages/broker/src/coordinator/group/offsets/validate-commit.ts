import type { ErrorName } from '@varve/protocol'
import { validateClassicCommit } from '../classic/validate-classic-commit.ts'
import { validateConsumerCommit } from '../consumer/validate-consumer-commit.ts'
import type { GroupShardState } from '../state.ts'

/** Who commits, to which group. */
export interface Committer {
  readonly groupId: string
  readonly memberId: string
  /** Null for a dynamic member (KIP-345). */
  readonly instanceId: string | null
  /** Negative for a client that is no member. */
  readonly generationIdOrMemberEpoch: number
}

/** The first version that can say that there is no such group. */
const GROUP_ID_NOT_FOUND_SINCE = 9

/**
 * The same for a commit within a transaction (KIP-447), whose producer may not say that it is a member. Its clients know no stale epochs, and of
 * a group that is not there only that the generation is not its own.
 */
export function validateTransactionalCommit(
  state: GroupShardState,
  { groupId, memberId, instanceId, generationIdOrMemberEpoch }: Committer,
): ErrorName {
  const group = state.groups.get(groupId)
  if (group === undefined) return generationIdOrMemberEpoch < 0 ? 'NONE' : 'ILLEGAL_GENERATION'
  const by = 'TxnOffsetCommit'
  switch (group.kind) {
    case 'classic': {
      const generationId = generationIdOrMemberEpoch
      return validateClassicCommit(group, { memberId, instanceId, generationId, by })
    }
    case 'consumer': {
      const memberEpoch = generationIdOrMemberEpoch
      const asked = { memberId, memberEpoch, apiVersion: Number.POSITIVE_INFINITY, by } as const
      const error = validateConsumerCommit(group, asked)
      return error === 'STALE_MEMBER_EPOCH' ? 'ILLEGAL_GENERATION' : error
    }
  }
}

/**
 * Whether the commit is one that the group takes now (G2). To a group that is not there anybody may commit who claims no membership: a
 * client that reads without the group protocol, or a tool that sets the offsets before the first member comes.
 */
export function validateCommit(
  state: GroupShardState,
  { groupId, memberId, instanceId, generationIdOrMemberEpoch }: Committer,
  apiVersion: number,
): ErrorName {
  const group = state.groups.get(groupId)
  if (group === undefined) {
    if (generationIdOrMemberEpoch < 0) return 'NONE'
    if (state.offsets.has(groupId)) return 'UNKNOWN_MEMBER_ID'
    return apiVersion < GROUP_ID_NOT_FOUND_SINCE ? 'ILLEGAL_GENERATION' : 'GROUP_ID_NOT_FOUND'
  }
  const by = 'OffsetCommit'
  switch (group.kind) {
    case 'classic': {
      const generationId = generationIdOrMemberEpoch
      return validateClassicCommit(group, { memberId, instanceId, generationId, by })
    }
    case 'consumer': {
      const memberEpoch = generationIdOrMemberEpoch
      return validateConsumerCommit(group, { memberId, memberEpoch, apiVersion, by })
    }
  }
}
