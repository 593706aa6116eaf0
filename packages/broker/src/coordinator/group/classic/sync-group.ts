import { type ErrorName, type SyncGroupRequest, type SyncGroupResponse } from '@varve/protocol'
import { answer } from '../../runtime/decision.ts'
import type { GroupRequest } from '../caller.ts'
import { syncGroupToConsumerGroup } from '../consumer/classic-members/sync-consumer-group.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { ClassicDraft } from './classic-draft.ts'
import { type ClassicGroup, NO_BYTES } from './classic-group.ts'
import { aliveTimers, sessionTimer, syncTimer } from './classic-timers.ts'
import { settle } from './settle.ts'
import { refusedSync, synced } from './sync-answers.ts'
import { validateMember } from './validate-member.ts'

export type AskedSync = GroupRequest<SyncGroupRequest, SyncGroupResponse>

/** Decides a SyncGroup request to a classic group: a follower waits for the leader's, whose assignments end the round. */
export function syncGroup(
  state: GroupShardState,
  asked: AskedSync,
  moment: GroupMoment,
): GroupDecision {
  const { request, ticket } = asked
  const group = state.groups.get(request.groupId)
  if (request.groupId === '') return refuse(asked, 'INVALID_GROUP_ID')
  if (group?.kind === 'consumer') return syncGroupToConsumerGroup(state, asked, moment)
  if (group?.kind !== 'classic') return refuse(asked, 'UNKNOWN_MEMBER_ID')
  const error = refusal(group, asked)
  if (error !== 'NONE') return refuse(asked, error)
  const { memberId } = request
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      return refuse(asked, 'UNKNOWN_MEMBER_ID')
    case 'PreparingRebalance':
      return {
        ...refuse(asked, 'REBALANCE_IN_PROGRESS'),
        timers: aliveTimers(group, memberId, moment.patientMs),
      }
    case 'CompletingRebalance':
      return awaitAssignment(new ClassicDraft(group, moment), asked)
    case 'Stable': {
      const draft = new ClassicDraft(group, moment)
      noteSynced(draft, memberId)
      draft.answer(ticket, synced(group, group.members.get(memberId)?.assignment ?? NO_BYTES))
      for (const timer of aliveTimers(group, memberId, moment.patientMs)) draft.time(timer)
      return draft.decision()
    }
  }
}

function refusal(group: ClassicGroup, { request, apiVersion }: AskedSync): ErrorName {
  const { memberId, groupInstanceId, generationId, protocolType, protocolName } = request
  const error = validateMember(group, { memberId, instanceId: groupInstanceId })
  if (error !== 'NONE') return error
  if (generationId !== group.generationId) return 'ILLEGAL_GENERATION'
  // KIP-559: from version 5 on, a client says what it believes to have agreed on.
  const isSilent = protocolType === null || protocolName === null
  if (apiVersion >= 5 && isSilent) return 'INCONSISTENT_GROUP_PROTOCOL'
  return differ(protocolType, group.protocolType) || differ(protocolName, group.protocolName)
    ? 'INCONSISTENT_GROUP_PROTOCOL'
    : 'NONE'
}

const differ = (said: string | null, known: string | null): boolean =>
  said !== null && known !== null && said !== known

function awaitAssignment(draft: ClassicDraft, { request, ticket }: AskedSync): GroupDecision {
  const { memberId } = request
  const { groupId, group } = draft
  // The older request of the same member: the client has given it up.
  const superseded = group.syncing.get(memberId)
  if (superseded !== undefined) draft.answer(superseded, refusedSync('REBALANCE_IN_PROGRESS'))
  if (memberId === group.leaderId) {
    settle(draft, request.assignments, { memberId, ticket })
    return draft.decision()
  }
  noteSynced(draft, memberId)
  draft.change({ type: 'classic-member-syncing', groupId, memberId, ticket })
  draft.time({ cancel: sessionTimer(groupId, memberId) })
  return draft.decision()
}

/** The round's deadline for SyncGroup falls with the last member that asks. */
function noteSynced(draft: ClassicDraft, memberId: string): void {
  const { groupId, group } = draft
  if (!group.unsynced.has(memberId)) return
  draft.change({ type: 'classic-member-synced', groupId, memberId })
  if (group.unsynced.size === 1) draft.time({ cancel: syncTimer(groupId) })
}

function refuse({ ticket }: AskedSync, error: ErrorName): GroupDecision {
  return { answers: [answer(ticket, refusedSync(error))] }
}
