import type { ErrorName } from '@varve/protocol'
import type { ClassicGroup } from './classic-group.ts'

/** How a request names a member. */
export interface MemberName {
  readonly memberId: string
  /** Null for a dynamic member (KIP-345). */
  readonly instanceId: string | null
}

/**
 * Whether the request comes from the member that it names: UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID where the instance has come back
 * under a newer member id.
 */
export function validateMember(
  group: ClassicGroup,
  { memberId, instanceId }: MemberName,
): ErrorName {
  if (instanceId !== null) {
    const current = group.staticMembers.get(instanceId)
    if (current === undefined) return 'UNKNOWN_MEMBER_ID'
    if (current !== memberId) return 'FENCED_INSTANCE_ID'
  }
  return group.members.has(memberId) ? 'NONE' : 'UNKNOWN_MEMBER_ID'
}
