import type { ErrorName, JoinGroupRequest, JoinGroupResponse } from '@varve/protocol'
import type { GroupRequest } from '../caller.ts'
import { joinGroupToConsumerGroup } from '../consumer/classic-members/join-consumer-group.ts'
import { consumerGroupTombstones } from '../consumer/consumer-records.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { ClassicDraft } from './classic-draft.ts'
import { type ClassicGroup, emptyClassicGroup } from './classic-group.ts'
import { fixedRecordBytes } from './classic-group-record.ts'
import { exceedsLimits, MAX_GROUPS, MAX_NAME_LENGTH } from './classic-limits.ts'
import { storedBytesOf } from './classic-members.ts'
import { refusedJoin } from './join-answers.ts'
import { joinAsKnownMember } from './join-known-member.ts'
import { joinAsNewMember } from './join-new-member.ts'
import { memberOf } from './joining-member.ts'
import { rebalance } from './rebalance.ts'
import { fitsGroup } from './select-protocol.ts'

export type AskedJoin = GroupRequest<JoinGroupRequest, JoinGroupResponse>

/**
 * Decides a JoinGroup request to a classic group, or to a group that nobody knows. It is answered when the round is over, at once where
 * no round is needed.
 */
export function joinGroup(
  state: GroupShardState,
  asked: AskedJoin,
  moment: GroupMoment,
): GroupDecision {
  const { request } = asked
  const { groupId, memberId } = request
  const found = state.groups.get(groupId)
  const draft = new ClassicDraft(
    found?.kind === 'classic' ? found : emptyClassicGroup(groupId),
    moment,
  )
  const error = malformed(request, moment)
  if (error !== undefined) return refuse(draft, asked, error)
  if (found?.kind === 'consumer' && found.members.size > 0) {
    return joinGroupToConsumerGroup(state, asked, moment)
  }
  const problem = found?.kind === 'classic' ? undefined : unopenable(state, request)
  if (problem !== undefined) return refuse(draft, asked, problem)
  if (isFull(draft.group, asked, moment)) {
    if (draft.member(memberId) !== undefined) {
      draft.remove(memberId)
      rebalance(draft)
    }
    draft.answer(asked.ticket, refusedJoin('', 'GROUP_MAX_SIZE_REACHED'))
    return draft.decision()
  }
  if (!fitsGroup(draft.group, request.protocolType, request.protocols)) {
    return refuse(draft, asked, 'INCONSISTENT_GROUP_PROTOCOL')
  }
  // An empty consumer group makes room, but only for a member that comes in.
  if (found?.kind === 'consumer') {
    for (const change of consumerGroupTombstones(found)) draft.change(change)
  }
  if (memberId === '') joinAsNewMember(draft, asked)
  else joinAsKnownMember(draft, asked)
  return draft.decision()
}

function malformed(request: JoinGroupRequest, { rules }: GroupMoment): ErrorName | undefined {
  const { groupId, sessionTimeoutMs } = request
  if (groupId === '' || groupId.length > MAX_NAME_LENGTH) return 'INVALID_GROUP_ID'
  if (
    sessionTimeoutMs < rules.minSessionTimeoutMs ||
    sessionTimeoutMs > rules.maxSessionTimeoutMs
  ) {
    return 'INVALID_SESSION_TIMEOUT'
  }
  return exceedsLimits(request) ? 'INVALID_REQUEST' : undefined
}

/** Why a classic group that is not there is not made. */
function unopenable(
  { groups }: GroupShardState,
  { groupId, memberId }: JoinGroupRequest,
): ErrorName | undefined {
  if (memberId !== '') return 'UNKNOWN_MEMBER_ID'
  return groups.size >= MAX_GROUPS && !groups.has(groupId) ? 'COORDINATOR_NOT_AVAILABLE' : undefined
}

/**
 * Whether the group has no place for this member. In a round, places belong to those who have joined it: a group that is too large, since
 * the setting was lowered, loses its last members so. The members' subscriptions have to fit into one record.
 */
function isFull(group: ClassicGroup, asked: AskedJoin, { rules }: GroupMoment): boolean {
  const { memberId, groupInstanceId, protocolType } = asked.request
  const knownId = memberId === '' ? group.staticMembers.get(groupInstanceId ?? '') : memberId
  const known = knownId === undefined ? undefined : group.members.get(knownId)
  const storedBytes =
    group.storedBytes -
    (known === undefined ? 0 : storedBytesOf(known)) +
    storedBytesOf(memberOf(asked, memberId === '' ? asked.freshId : memberId)) +
    fixedRecordBytes(group.groupId, protocolType)
  if (storedBytes > rules.maxRecordBytes) return true
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      return false
    case 'PreparingRebalance':
      return (
        !(known !== undefined && group.joining.has(known.memberId)) &&
        group.joining.size >= rules.maxSize
      )
    case 'CompletingRebalance':
    case 'Stable':
      return known === undefined && group.members.size >= rules.maxSize
  }
}

function refuse(draft: ClassicDraft, asked: AskedJoin, error: ErrorName): GroupDecision {
  draft.answer(asked.ticket, refusedJoin(asked.request.memberId, error))
  return draft.decision()
}
