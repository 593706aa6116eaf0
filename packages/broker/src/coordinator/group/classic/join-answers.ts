/** The answers to JoinGroup. */
import { type ErrorName, errorCode, type JoinGroupResponse } from '@varve/protocol'
import { type ClassicMember, NO_BYTES } from './classic-group.ts'
import { metadataUnder } from './select-protocol.ts'

/** The generation that a member has joined. */
export interface JoinedGeneration {
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leaderId: string
}

export function refusedJoin(memberId: string, error: ErrorName): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}

/** `members` are told to the leader only, who assigns among them. */
export function joined(
  generation: JoinedGeneration,
  memberId: string,
  members: readonly ClassicMember[],
): JoinGroupResponse {
  const { generationId, protocolType, protocolName, leaderId } = generation
  return {
    throttleTimeMs: 0,
    errorCode: errorCode('NONE'),
    generationId,
    protocolType,
    protocolName,
    leader: leaderId,
    skipAssignment: false,
    memberId,
    members: members.map(member => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      metadata: metadataUnder(member, protocolName) ?? NO_BYTES,
    })),
  }
}
