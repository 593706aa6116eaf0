/** Limits of one member of a classic group. Clients come nowhere near them; a request beyond them is refused with INVALID_REQUEST. */
import type { JoinGroupRequest } from '@varve/protocol'

/** Protocols that one member may offer: the assignors that it knows. */
export const MAX_PROTOCOLS = 100

/** Of all the protocols that a member offers. */
export const MAX_METADATA_BYTES = 1_048_576

/** Characters of a name that goes into the group's record, where it has to fit into 32,767 bytes. */
export const MAX_NAME_LENGTH = 8_000

/** Member ids of one group that were given out and did not come back (KIP-394). Beyond it: GROUP_MAX_SIZE_REACHED. */
export const MAX_PENDING_MEMBERS = 10_000

/** Groups of one shard that the log does not know: everybody can make them. Beyond it: COORDINATOR_NOT_AVAILABLE. */
export const MAX_GROUPS = 100_000

/** A new member that waits for its round longer than this has to ask again: its connection may be dead. Kafka's value. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000

export function exceedsLimits(request: JoinGroupRequest): boolean {
  const { groupInstanceId, protocols, protocolType, memberId } = request
  if (protocols.length > MAX_PROTOCOLS) return true
  const names = [
    protocolType,
    memberId,
    groupInstanceId ?? '',
    ...protocols.map(({ name }) => name),
  ]
  if (names.some(name => name.length > MAX_NAME_LENGTH)) return true
  return protocols.reduce((sum, { metadata }) => sum + metadata.length, 0) > MAX_METADATA_BYTES
}
