/** A consumer group becomes a classic group again when its last member of the consumer protocol goes. */
import { consumerProtocolType } from '@varve/protocol'
import { answer } from '../../runtime/decision.ts'
import type { ClassicMember } from '../classic/classic-group.ts'
import { recordBytesOf } from '../classic/classic-group-record.ts'
import { beginClassicGroup } from '../classic/convert-classic-group.ts'
import { refusedJoin } from '../classic/join-answers.ts'
import { selectProtocol } from '../classic/select-protocol.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupRules } from '../group-rules.ts'
import type { GroupShardState } from '../state.ts'
import { assignmentBytes } from './classic-members/embedded-protocol.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { type ConsumerMember, isReconciledTo } from './consumer-member.ts'
import { consumerGroupTombstones } from './consumer-records.ts'
import { type Draft, newDraft } from './draft.ts'
import { refusedHeartbeat } from './heartbeat-answer.ts'
import { cancelAllTimers } from './member-timers.ts'
import { joinedPartitions } from './topic-partitions.ts'

/** Whether members would remain without these, all of the classic protocol, and the settings let the group go back to it. */
export function mayDowngradeWithout(
  group: ConsumerGroup,
  leaving: ReadonlySet<string>,
  rules: GroupRules,
): boolean {
  const { migrationPolicy } = rules.consumer
  if (migrationPolicy !== 'downgrade' && migrationPolicy !== 'bidirectional') return false
  let leavingClassic = 0
  for (const memberId of leaving) {
    if ((group.members.get(memberId)?.classic ?? null) !== null) leavingClassic += 1
  }
  const remaining = group.members.size - leaving.size
  const areClassic = group.classicMembers - leavingClassic === remaining
  return remaining > 0 && areClassic && remaining <= rules.maxSize
}

/**
 * Writes the classic group; `rebalance` has its members share what those had who left. Nothing happens when the classic group, which
 * lies in one record, does not fit into one: it stays a consumer group.
 */
export function downgradeToClassicGroup(
  draft: Draft,
  group: ConsumerGroup,
  {
    leaving,
    go,
    moment,
  }: {
    readonly leaving: ReadonlySet<string>
    readonly go: 'continue' | 'rebalance'
    readonly moment: GroupMoment
  },
): 'done' | 'too large' {
  const { groupId, groupEpoch } = group
  const members = [...group.members.values()]
    .filter(({ memberId }) => !leaving.has(memberId))
    .map(member => classicMemberOf(member, moment))
  const settled = {
    groupId,
    generationId: groupEpoch,
    protocolType: consumerProtocolType,
    protocolName: selectProtocol(members) ?? null,
    // Without a leader it is a group that has yet to share anew: a restart sees it too (`classic-loaded.ts`).
    leaderId: go === 'continue' ? (members[0]?.memberId ?? null) : null,
    sinceMs: moment.nowMs,
    members,
  }
  if (recordBytesOf(settled) > moment.rules.maxRecordBytes) return 'too large'
  for (const memberId of group.members.keys()) {
    draft.timers.push(...cancelAllTimers(groupId, memberId))
  }
  sendBack(draft, group, leaving)
  draft.changes.push(...consumerGroupTombstones(group))
  const { changes, answers, timers } = beginClassicGroup(settled, go, moment)
  draft.changes.push(...changes)
  draft.answers.push(...answers)
  draft.timers.push(...timers)
  return 'done'
}

/** Who waits has to ask the classic group. */
function sendBack(draft: Draft, { soft }: ConsumerGroup, leaving: ReadonlySet<string>): void {
  for (const waiting of soft.waiting.values()) {
    if (leaving.has(waiting.memberId)) continue
    draft.answers.push(
      waiting.kind === 'join'
        ? answer(waiting.ticket, refusedJoin(waiting.memberId, 'REBALANCE_IN_PROGRESS'))
        : answer(waiting.ticket, refusedHeartbeat({ error: 'UNKNOWN_MEMBER_ID', message: '' })),
    )
  }
}

/** With what it holds, given up or not, and not with what it shall have: somebody else may hold that still (G1). */
function classicMemberOf(member: ConsumerMember, { image }: GroupMoment): ClassicMember {
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, classic } = member
  const protocols = classic?.protocols ?? []
  const held = joinedPartitions(member.assigned, member.pendingRevocation)
  return {
    memberId,
    instanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs: classic?.sessionTimeoutMs ?? 0,
    protocols,
    assignment: assignmentBytes(held, protocols, image),
  }
}

/** After a static member of the consumer protocol came back as a classic one: if it was the last, the group follows. */
export function downgradeIfClassic(
  state: GroupShardState,
  { groupId }: { readonly groupId: string },
  moment: GroupMoment,
): GroupDecision {
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer') return {}
  const isSettled = group.groupEpoch === group.assignmentEpoch && group.soft.waiting.size === 0
  if (!isSettled || !mayDowngradeWithout(group, new Set(), moment.rules)) return {}
  const draft = newDraft()
  let go: 'continue' | 'rebalance' = 'continue'
  for (const member of group.members.values()) {
    if (!isReconciledTo(member, group.assignmentEpoch)) go = 'rebalance'
  }
  downgradeToClassicGroup(draft, group, { leaving: new Set(), go, moment })
  return draft
}
