import type { ConsumerGroupHeartbeatRequest } from '@varve/protocol'
import { answer } from '../../runtime/decision.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { advanceMember } from './advance-member.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { consumerLeave } from './consumer-leave.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { expressionOf } from './consumer-member.ts'
import { type Draft, newDraft } from './draft.ts'
import { joiningMember, presentMember, type Seat } from './find-member.ts'
import { groupForMember } from './group-for-member.ts'
import { acceptedHeartbeat, isRefusal, type Refusal, refusedHeartbeat } from './heartbeat-answer.ts'
import { type AskedHeartbeat, heartbeatProblem, isFullRequest } from './heartbeat-request.ts'
import { cancelTimer, sessionTimer } from './member-timers.ts'
import { refuseWaiting } from './remove-members.ts'
import { resolvePatterns } from './resolve-patterns.ts'
import { startAssignment } from './target-assignment.ts'
import { samePartitions } from './topic-partitions.ts'
import { updateMember } from './update-member.ts'

/** The one request of the consumer protocol (KIP-848): a member joins, says what it holds, learns what to hold, or leaves. */
export function consumerGroupHeartbeat(
  state: GroupShardState,
  asked: AskedHeartbeat,
  moment: GroupMoment,
): GroupDecision {
  const draft = newDraft()
  const problem =
    heartbeatProblem(asked, moment.rules.consumer) ??
    (asked.request.memberEpoch < 0
      ? consumerLeave(draft, state, asked, moment)
      : heartbeat(draft, state, asked, moment))
  return problem === undefined
    ? draft
    : { answers: [answer(asked.ticket, refusedHeartbeat(problem))] }
}

function heartbeat(
  draft: Draft,
  state: GroupShardState,
  asked: AskedHeartbeat,
  moment: GroupMoment,
): Refusal | undefined {
  const { request } = asked
  const joins = request.memberEpoch === 0 ? 'joins' : 'is there'
  const group = groupForMember(draft, state, { groupId: request.groupId, joins, moment })
  if (isRefusal(group)) return group
  const full = fullGroupProblem(group, request.memberId, moment)
  if (full !== undefined) return full
  const seat = seatOf(group, asked)
  if (isRefusal(seat)) return seat
  const updated = asDescribed(seat.member, asked)
  const epoch = updateMember(draft, group, { seat, updated, image: moment.image })
  if (typeof epoch !== 'number') return epoch
  supersedeWaiting(draft, group, updated)
  draft.timers.push(sessionTimer(group.groupId, updated, moment))
  if (seat.member.classic !== null) leaveClassicProtocol(draft, group, updated)
  if (epoch > group.assignmentEpoch) startAssignment(draft, { state, group }, { epoch, moment })
  resolvePatterns(draft, { group, seat }, { updated, asked, moment })
  if (mustWait(draft, group, { asked, updated, epoch })) {
    waitForAssignment(draft, group, { asked, member: updated, epoch })
    return undefined
  }
  return answerNow(draft, group, { asked, seat, updated, moment })
}

/**
 * An older request of the member that waits still: the client has given it up. What it said to hold may not be so any more: it may own by
 * now what another request was answered with (G1).
 */
function supersedeWaiting(draft: Draft, group: ConsumerGroup, { memberId }: ConsumerMember): void {
  for (const waiting of group.soft.waiting.values()) {
    if (waiting.memberId !== memberId) continue
    const message = 'A newer request of the member has taken the place of this one.'
    refuseWaiting(draft, group, { waiting, error: 'COORDINATOR_LOAD_IN_PROGRESS', message })
  }
}

/** Nobody waits for its JoinGroup or SyncGroup any more. */
function leaveClassicProtocol(
  draft: Draft,
  { groupId }: ConsumerGroup,
  { memberId }: ConsumerMember,
): void {
  draft.changes.push({ type: 'consumer-join-awaited', groupId, memberId, awaited: 'no' })
  draft.timers.push(cancelTimer('join', groupId, memberId), cancelTimer('sync', groupId, memberId))
}

/** There is no room for another member. */
export function fullGroupProblem(
  group: ConsumerGroup,
  memberId: string,
  { rules }: GroupMoment,
): Refusal | undefined {
  if (group.members.size < rules.consumer.maxSize || group.members.has(memberId)) return undefined
  const message = `The group has its ${rules.consumer.maxSize} members already.`
  return { error: 'GROUP_MAX_SIZE_REACHED', message }
}

function seatOf(group: ConsumerGroup, { request, freshId }: AskedHeartbeat): Seat | Refusal {
  const { instanceId, memberEpoch, topicPartitions: owned } = request
  // Only version 0 leaves the id to us.
  const memberId = request.memberId === '' ? freshId : request.memberId
  const claimant = { memberId, instanceId, memberEpoch, owned }
  if (memberEpoch === 0) return joiningMember(group, claimant)
  const member = presentMember(group, claimant)
  return isRefusal(member) ? member : { member }
}

/** What the request leaves out has not changed. */
function asDescribed(
  member: ConsumerMember,
  { request, clientId, clientHost }: AskedHeartbeat,
): ConsumerMember {
  const { subscribedTopicNames: names, rebalanceTimeoutMs } = request
  return {
    ...member,
    clientId,
    clientHost,
    classic: null,
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    serverAssignor: request.serverAssignor ?? member.serverAssignor,
    subscribedTopicRegex: request.subscribedTopicRegex ?? member.subscribedTopicRegex,
    subscribedTopicNames: names === null ? member.subscribedTopicNames : [...new Set(names)].sort(),
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
  }
}

interface Asking {
  readonly asked: AskedHeartbeat
  readonly updated: ConsumerMember
  readonly epoch: number
}

/** Who changed the group, or has nothing yet, is answered with the new assignment; the others hear of it by and by. */
function mustWait(draft: Draft, group: ConsumerGroup, { asked, updated, epoch }: Asking): boolean {
  if (epoch > group.groupEpoch) return true
  if (awaitsPatterns(draft, group, updated)) return true
  return asked.request.memberEpoch === 0 && epoch > group.assignmentEpoch
}

function awaitsPatterns(draft: Draft, group: ConsumerGroup, member: ConsumerMember): boolean {
  const expression = expressionOf(member)
  if (expression === undefined || group.patterns.has(expression)) return false
  return group.soft.isResolving || draft.changes.some(({ type }) => type === 'consumer-resolving')
}

function waitForAssignment(
  draft: Draft,
  group: ConsumerGroup,
  {
    asked: { request, ticket },
    member,
    epoch,
  }: { readonly asked: AskedHeartbeat; readonly member: ConsumerMember; readonly epoch: number },
): void {
  draft.changes.push({
    type: 'consumer-waits',
    groupId: group.groupId,
    waiting: {
      kind: 'heartbeat',
      ticket,
      memberId: member.memberId,
      groupEpoch: epoch,
      awaitsPatterns: awaitsPatterns(draft, group, member),
      owned: request.topicPartitions,
      wantsAssignment: wantsAssignment(request),
      assigned: member.assigned,
    },
  })
}

function wantsAssignment(request: ConsumerGroupHeartbeatRequest): boolean {
  return request.memberEpoch === 0 || isFullRequest(request)
}

function answerNow(
  draft: Draft,
  group: ConsumerGroup,
  {
    asked: { request, ticket },
    seat,
    updated,
    moment,
  }: {
    readonly asked: AskedHeartbeat
    readonly seat: Seat
    readonly updated: ConsumerMember
    readonly moment: GroupMoment
  },
): Refusal | undefined {
  const member = advanceMember(draft, group, {
    member: updated,
    targetOf: seat.replaces?.memberId ?? updated.memberId,
    owned: request.topicPartitions,
    moment,
  })
  if (isRefusal(member)) return member
  const isTold = wantsAssignment(request) || !samePartitions(seat.member.assigned, member.assigned)
  const assignment = isTold ? 'told' : 'left out'
  draft.answers.push(
    answer(ticket, acceptedHeartbeat(group.groupId, member, { assignment, moment })),
  )
  return undefined
}
