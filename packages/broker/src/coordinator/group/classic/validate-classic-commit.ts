import type { ErrorName } from '@varve/protocol'
import type { ClassicGroup } from './classic-group.ts'
import { validateMember } from './validate-member.ts'

/** Who commits offsets. */
export interface ClassicCommit {
  readonly memberId: string
  readonly instanceId: string | null
  /** Negative for a client that is no member. */
  readonly generationId: number
  /** Whether the offsets are part of a transaction: those do not depend on the group's state. */
  readonly by: 'OffsetCommit' | 'TxnOffsetCommit'
}

/**
 * Whether a commit is one of the group as it is now (G2): from a member of the current generation, or from a client outside of the
 * protocol while the group has no members. A member that is to fetch its assignment must do so first: REBALANCE_IN_PROGRESS.
 */
export function validateClassicCommit(group: ClassicGroup, commit: ClassicCommit): ErrorName {
  const { memberId, instanceId, generationId, by } = commit
  if (group.state === 'Dead') return 'COORDINATOR_NOT_AVAILABLE'
  if (generationId < 0 && group.state === 'Empty') return 'NONE'
  if (generationId >= 0 || memberId !== '' || instanceId !== null) {
    const error = validateMember(group, { memberId, instanceId })
    if (error !== 'NONE') return error
    if (generationId !== group.generationId) return 'ILLEGAL_GENERATION'
  } else if (by === 'OffsetCommit') {
    return 'UNKNOWN_MEMBER_ID'
  }
  return by === 'OffsetCommit' && group.state === 'CompletingRebalance'
    ? 'REBALANCE_IN_PROGRESS'
    : 'NONE'
}
