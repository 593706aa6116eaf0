import {
  consumerProtocolType,
  encodeSubscription,
  Heartbeat,
  JoinGroup,
  type JoinGroupResponse,
  LeaveGroup,
  SyncGroup,
} from '@varve/protocol'
import type { Coordinator } from '../cluster/coordinator.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import type { ClientSettings } from '../settings.ts'
import { byTopic } from './leader.ts'
import type { MemberIdentity } from './membership.ts'
import type { GroupSettings } from './options.ts'

const SUBSCRIPTION_VERSION = 3
/** A join is held back for up to the rebalance timeout; the answer then needs a while to arrive. */
const JOIN_GRACE_MS = 5000
/** Since which version a member names itself in a list, together with why it leaves (KIP-345, KIP-800). */
const FIRST_LEAVE_VERSION_LISTED = 3
const REASON_LENGTH_MAX = 255

export interface ClassicRequestParts {
  readonly client: ClientSettings
  readonly coordinator: Coordinator
  readonly settings: GroupSettings
  readonly rackId: string
}

export interface JoinInput {
  readonly memberId: string
  readonly topics: readonly string[]
  /** What the member keeps during the rebalance. */
  readonly owned: readonly TopicPartition[]
  /** What it owned in its last generation, kept or not. */
  readonly lastAssigned: readonly TopicPartition[]
  readonly generationId: number
  readonly reason: string
}

/** What a member of a classic group asks its coordinator. An answer that is an error is thrown. */
export class ClassicRequests {
  readonly #parts: ClassicRequestParts

  constructor(parts: ClassicRequestParts) {
    this.#parts = parts
  }

  /** The longest that an answer to `join` or `sync` may take. */
  get heldBackMsMax(): number {
    const { client, settings } = this.#parts
    return Math.max(client.requestTimeoutMs, settings.rebalanceTimeoutMs + JOIN_GRACE_MS)
  }

  /** Held back by the broker until all members have joined. MEMBER_ID_REQUIRED is an answer, not a failure. */
  async join(input: JoinInput): Promise<JoinGroupResponse> {
    const { coordinator, settings, rackId } = this.#parts
    const { sessionTimeoutMs, rebalanceTimeoutMs, groupId, groupInstanceId } = settings
    const ownedPartitions = byTopic(input.owned)
    const protocols = settings.assignors.map(assignor => ({
      name: assignor.name,
      metadata: encodeSubscription(SUBSCRIPTION_VERSION, {
        topics: [...input.topics].sort(),
        userData: assignor.userData?.(input.lastAssigned, input.generationId) ?? null,
        ownedPartitions,
        generationId: input.generationId,
        rackId: rackId === '' ? null : rackId,
      }),
    }))
    const response = await coordinator.request(
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId: input.memberId,
        groupInstanceId,
        protocolType: consumerProtocolType,
        protocols,
        reason: input.reason.slice(0, REASON_LENGTH_MAX),
      },
      {
        lane: 'coordinator',
        timeoutMs: this.heldBackMsMax,
      },
    )
    const error = protocolError(response.errorCode, { about: `joining group ${groupId}` })
    if (error !== undefined && error.error !== 'MEMBER_ID_REQUIRED') throw error
    return response
  }

  /** Held back by the broker until the leader has brought the assignments. */
  async sync(
    identity: MemberIdentity,
    protocolName: string | null,
    assignments: readonly { memberId: string; assignment: Uint8Array }[],
  ): Promise<Uint8Array> {
    const { coordinator, settings } = this.#parts
    const { groupId } = settings
    const response = await coordinator.request(
      SyncGroup,
      {
        groupId,
        ...classicIdentity(identity),
        protocolType: consumerProtocolType,
        protocolName,
        assignments: [...assignments],
      },
      {
        lane: 'coordinator',
        timeoutMs: this.heldBackMsMax,
      },
    )
    const about = `receiving the assignment of group ${groupId}`
    const error = protocolError(response.errorCode, { about })
    if (error !== undefined) throw error
    return response.assignment
  }

  async heartbeat(identity: MemberIdentity): Promise<void> {
    const { client, coordinator, settings } = this.#parts
    const { groupId, sessionTimeoutMs } = settings
    const response = await coordinator.request(
      Heartbeat,
      { groupId, ...classicIdentity(identity) },
      // Waiting longer than half a session would leave no time to reach the broker in another way.
      { lane: 'coordinator', timeoutMs: Math.min(client.requestTimeoutMs, sessionTimeoutMs / 2) },
    )
    const about = `the heartbeat in group ${groupId}`
    const error = protocolError(response.errorCode, { about })
    if (error !== undefined) throw error
  }

  /** Goes another way than joins: one of our own may be held back, and whatever is behind it waits. */
  async leave(memberId: string, reason: string, timeoutMs: number): Promise<void> {
    const { coordinator, settings } = this.#parts
    const { groupId } = settings
    const member = { memberId, groupInstanceId: null, reason: reason.slice(0, REASON_LENGTH_MAX) }
    const response = await coordinator.request(
      LeaveGroup,
      version => ({
        groupId,
        ...(version < FIRST_LEAVE_VERSION_LISTED ? { memberId } : { members: [member] }),
      }),
      { lane: 'requests', timeoutMs },
    )
    const errorCode = response.errorCode || (response.members[0]?.errorCode ?? 0)
    const error = protocolError(errorCode, { about: `leaving group ${groupId}` })
    if (error instanceof ProtocolError && error.error !== 'UNKNOWN_MEMBER_ID') throw error
  }
}

function classicIdentity(identity: MemberIdentity) {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = identity
  return { memberId, groupInstanceId, generationId }
}
