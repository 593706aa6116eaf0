import { type ClassicGroup, NO_BYTES } from './classic-group.ts'
import type { ClassicGroupState } from './classic-group-states.ts'
import { metadataUnder } from './select-protocol.ts'

export interface DescribedClassicGroup {
  readonly state: ClassicGroupState
  readonly protocolType: string
  /** Empty while the members have none in common yet. */
  readonly protocolName: string
  readonly members: readonly DescribedClassicMember[]
}

export interface DescribedClassicMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Empty, as the assignment, in a group that is not stable. */
  readonly metadata: Uint8Array
  readonly assignment: Uint8Array
}

/** A classic group as DescribeGroups tells of it. */
export function describeClassicGroup(group: ClassicGroup): DescribedClassicGroup {
  const isStable = group.state === 'Stable'
  return {
    state: group.state,
    protocolType: group.protocolType ?? '',
    protocolName: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map(member => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      metadata: (isStable && metadataUnder(member, group.protocolName)) || NO_BYTES,
      assignment: isStable ? member.assignment : NO_BYTES,
    })),
  }
}
