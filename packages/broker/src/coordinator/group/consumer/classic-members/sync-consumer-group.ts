import { consumerProtocolType, type ErrorName } from '@varve/protocol'
import { answer } from '../../../runtime/decision.ts'
import { refusedSync, synced } from '../../classic/sync-answers.ts'
import type { AskedSync } from '../../classic/sync-group.ts'
import type { GroupDecision, GroupMoment } from '../../group-logic.ts'
import type { GroupShardState } from '../../state.ts'
import type { ConsumerMember } from '../consumer-member.ts'
import { newDraft } from '../draft.ts'
import { cancelTimer, sessionTimer } from '../member-timers.ts'
import { awaitJoin, classicMember } from './classic-member.ts'
import { assignmentBytes } from './embedded-protocol.ts'

/** A classic member of a consumer group fetches what it may take now. */
export function syncGroupToConsumerGroup(
  state: GroupShardState,
  asked: AskedSync,
  moment: GroupMoment,
): GroupDecision {
  const { request, ticket } = asked
  const { groupId, memberId, groupInstanceId: instanceId, generationId } = request
  const draft = newDraft()
  const refuse = (error: ErrorName): GroupDecision => {
    draft.answers.push(answer(ticket, refusedSync(error)))
    return draft
  }
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer') return refuse('UNKNOWN_MEMBER_ID')
  const member = classicMember(group, { memberId, instanceId, generationId })
  if ('error' in member) return refuse(member.error)
  if (!isInAccord(member, request)) return refuse('INCONSISTENT_GROUP_PROTOCOL')
  // One that has to give up partitions first takes what is left, and joins again afterwards.
  if (group.groupEpoch > member.memberEpoch && member.state !== 'UNREVOKED_PARTITIONS') {
    awaitJoin(draft, group, { member, moment })
    return refuse('REBALANCE_IN_PROGRESS')
  }
  const protocols = member.classic?.protocols ?? []
  const protocolName = protocols[0]?.name ?? ''
  draft.timers.push(cancelTimer('sync', groupId, memberId), sessionTimer(groupId, member, moment))
  const bytes = assignmentBytes(member.assigned, protocols, moment.image)
  const agreed = { protocolType: consumerProtocolType, protocolName }
  draft.answers.push(answer(ticket, synced(agreed, bytes)))
  return draft
}

function isInAccord(
  { classic }: ConsumerMember,
  said: { readonly protocolType: string | null; readonly protocolName: string | null },
): boolean {
  const { protocolType, protocolName } = said
  return (
    (protocolType === null || protocolType === consumerProtocolType) &&
    (protocolName === null || protocolName === classic?.protocols[0]?.name)
  )
}
