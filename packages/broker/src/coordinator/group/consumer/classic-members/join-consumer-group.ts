import type { ErrorName } from '@varve/protocol'
import { answer } from '../../../runtime/decision.ts'
import { refusedJoin } from '../../classic/join-answers.ts'
import type { AskedJoin } from '../../classic/join-group.ts'
import type { GroupDecision, GroupMoment } from '../../group-logic.ts'
import type { GroupShardState } from '../../state.ts'
import { advanceMember } from '../advance-member.ts'
import type { ConsumerGroup } from '../consumer-group.ts'
import { fullGroupProblem } from '../consumer-heartbeat.ts'
import type { ConsumerMember } from '../consumer-member.ts'
import { type Draft, newDraft } from '../draft.ts'
import { joiningMember } from '../find-member.ts'
import { isRefusal } from '../heartbeat-answer.ts'
import { MAX_SUBSCRIBED_TOPICS } from '../heartbeat-request.ts'
import { answerJoin } from '../join-answer.ts'
import { sessionTimer } from '../member-timers.ts'
import { dropWaiting } from '../remove-members.ts'
import { startAssignment } from '../target-assignment.ts'
import { updateMember } from '../update-member.ts'
import { partitionsById, subscriptionOf, suitsClassicMembers } from './embedded-protocol.ts'

/** Since this version, a member has to bring an id that it was given before (KIP-394). */
const VERSION_THAT_NEEDS_MEMBER_ID = 4

/**
 * A consumer of the classic protocol joins a consumer group that has members (KIP-848): to it, the coordinator is a group of its own
 * whose leader assigns what the member may take now.
 */
export function joinGroupToConsumerGroup(
  state: GroupShardState,
  asked: AskedJoin,
  moment: GroupMoment,
): GroupDecision {
  const draft = newDraft()
  const refusal = join(draft, state, asked, moment)
  if (refusal === undefined) return draft
  const { error, memberId } = refusal
  return { answers: [answer(asked.ticket, refusedJoin(memberId, error))] }
}

interface RefusedJoin {
  readonly error: ErrorName
  readonly memberId: string
}

function join(
  draft: Draft,
  state: GroupShardState,
  asked: AskedJoin,
  moment: GroupMoment,
): RefusedJoin | undefined {
  const { request, apiVersion, freshId } = asked
  const refused = (error: ErrorName): RefusedJoin => ({ error, memberId: '' })
  const group = state.groups.get(request.groupId)
  if (group?.kind !== 'consumer') return refused('UNKNOWN_MEMBER_ID')
  const full = fullGroupProblem(group, request.memberId, moment)
  if (full !== undefined) return refused(full.error)
  if (!suitsClassicMembers(group, request.protocolType, request.protocols)) {
    return refused('INCONSISTENT_GROUP_PROTOCOL')
  }
  const subscription = subscriptionOf(request.protocols)
  if (subscription === undefined) return refused('INCONSISTENT_GROUP_PROTOCOL')
  if (subscription.topics.length > MAX_SUBSCRIBED_TOPICS) return refused('INVALID_REQUEST')
  const isNameless = request.memberId === ''
  if (
    isNameless &&
    request.groupInstanceId === null &&
    apiVersion >= VERSION_THAT_NEEDS_MEMBER_ID
  ) {
    return { error: 'MEMBER_ID_REQUIRED', memberId: freshId }
  }
  const memberId = isNameless ? freshId : request.memberId
  const seat = seatOf(group, { memberId, isNameless, instanceId: request.groupInstanceId })
  if ('error' in seat) return refused(seat.error)
  const updated: ConsumerMember = {
    ...asDescribed(seat.member, asked),
    rackId: subscription.rackId ?? seat.member.rackId,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
  }
  const epoch = updateMember(draft, group, { seat, updated, image: moment.image })
  if (typeof epoch !== 'number') return refused(epoch.error)
  // The client has given up its older request.
  dropWaiting(draft, group, id => id === memberId || id === seat.replaces?.memberId)
  draft.timers.push(sessionTimer(group.groupId, updated, moment))
  const owned = partitionsById(subscription.ownedPartitions, moment.image)
  if (epoch > group.assignmentEpoch) {
    startAssignment(draft, { state, group }, { epoch, moment })
    const waiting = {
      kind: 'join',
      ticket: asked.ticket,
      memberId,
      groupEpoch: epoch,
      owned,
    } as const
    draft.changes.push({
      type: 'consumer-waits',
      groupId: group.groupId,
      waiting: { ...waiting, awaitsPatterns: false },
    })
    return undefined
  }
  const targetOf = seat.replaces?.memberId ?? memberId
  const member = advanceMember(draft, group, { member: updated, targetOf, owned, moment })
  if (isRefusal(member)) return refused('UNKNOWN_MEMBER_ID')
  answerJoin(draft, group, { ticket: asked.ticket, member, moment })
  return undefined
}

/** A member with an id that nobody knows is a new one; a static one that comes with an id has to be the one it says. */
function seatOf(
  group: ConsumerGroup,
  {
    memberId,
    instanceId,
    isNameless,
  }: {
    readonly memberId: string
    readonly instanceId: string | null
    readonly isNameless: boolean
  },
) {
  const holder = instanceId === null ? undefined : group.staticMembers.get(instanceId)
  const isPresent = holder !== undefined && !isNameless
  if (isPresent && holder !== memberId) return { error: 'FENCED_INSTANCE_ID' } as const
  const member = isPresent ? group.members.get(memberId) : undefined
  if (member !== undefined) return { member }
  if (instanceId !== null && holder === undefined && !isNameless) {
    return { error: 'UNKNOWN_MEMBER_ID' } as const
  }
  return joiningMember(group, { memberId, instanceId, memberEpoch: undefined, owned: null })
}

function asDescribed(
  member: ConsumerMember,
  { request, clientId, clientHost }: AskedJoin,
): ConsumerMember {
  const { rebalanceTimeoutMs, sessionTimeoutMs } = request
  return {
    ...member,
    clientId,
    clientHost,
    instanceId: request.groupInstanceId ?? member.instanceId,
    // Version 0 has one timeout for both.
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? sessionTimeoutMs : rebalanceTimeoutMs,
    classic: {
      sessionTimeoutMs,
      protocols: request.protocols.map(({ name, metadata }) => ({
        name,
        metadata: new Uint8Array(metadata),
      })),
    },
  }
}
