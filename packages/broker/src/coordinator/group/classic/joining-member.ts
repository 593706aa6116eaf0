import { type ClassicMember, type ClassicProtocol, NO_BYTES } from './classic-group.ts'
import type { AskedJoin } from './join-group.ts'

/** Characters of a client id that are repeated in member ids. */
const CLIENT_ID_LENGTH = 200

/** The member that a JoinGroup request describes, without an assignment. */
export function memberOf(asked: AskedJoin, memberId: string): ClassicMember {
  const { request, clientId, clientHost } = asked
  const { sessionTimeoutMs, rebalanceTimeoutMs } = request
  return {
    memberId,
    instanceId: request.groupInstanceId,
    clientId,
    clientHost,
    // Version 0 has one timeout for both.
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    sessionTimeoutMs,
    protocols: withoutRepeats(request.protocols),
    assignment: NO_BYTES,
  }
}

/** A member id that was never given out: tools read from its beginning whose it is. */
export function freshMemberId({ request, clientId, freshId }: AskedJoin): string {
  return `${request.groupInstanceId ?? clientId.slice(0, CLIENT_ID_LENGTH)}-${freshId}`
}

/** Of protocols with the same name, the first counts. */
function withoutRepeats(protocols: readonly ClassicProtocol[]): readonly ClassicProtocol[] {
  const byName = new Map<string, ClassicProtocol>()
  for (const protocol of protocols) {
    if (!byName.has(protocol.name)) byName.set(protocol.name, protocol)
  }
  return [...byName.values()]
}
