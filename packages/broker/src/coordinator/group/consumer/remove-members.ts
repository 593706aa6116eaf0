import { answer } from '../../runtime/decision.ts'
import { refusedJoin } from '../classic/join-answers.ts'
import type { GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { memberTombstones, patternTombstone } from './consumer-records.ts'
import { downgradeToClassicGroup, mayDowngradeWithout } from './downgrade.ts'
import type { Draft } from './draft.ts'
import { type Refusal, refusedHeartbeat } from './heartbeat-answer.ts'
import { cancelAllTimers } from './member-timers.ts'
import { metadataHashAfter } from './subscribed-topics.ts'
import { startAssignment } from './target-assignment.ts'
import { bumpGroupEpoch, unusedExpressions } from './update-member.ts'
import type { WaitingMember } from './waiting-member.ts'

/** Members leave or are fenced: what they had is free at once, and the others share it in a new epoch. */
export function removeMembers(
  draft: Draft,
  { state, group }: { readonly state: GroupShardState; readonly group: ConsumerGroup },
  {
    members,
    moment,
  }: { readonly members: readonly ConsumerMember[]; readonly moment: GroupMoment },
): void {
  const { groupId } = group
  const ids = new Set(members.map(({ memberId }) => memberId))
  dropWaiting(draft, group, memberId => ids.has(memberId))
  for (const memberId of ids) draft.timers.push(...cancelAllTimers(groupId, memberId))
  const isDowngraded =
    mayDowngradeWithout(group, ids, moment.rules) &&
    downgradeToClassicGroup(draft, group, { leaving: ids, go: 'rebalance', moment }) === 'done'
  if (isDowngraded) return
  for (const memberId of ids) draft.changes.push(...memberTombstones(groupId, memberId))
  for (const expression of unusedExpressions(group, members, [])) {
    draft.changes.push(patternTombstone(groupId, expression))
  }
  const hash = metadataHashAfter(group, { gone: members, come: [] }, moment.image)
  const epoch = bumpGroupEpoch(draft, group, hash)
  if (group.members.size > ids.size) startAssignment(draft, { state, group }, { epoch, moment })
}

/** Whoever waits as a member that is gone learns so. */
export function dropWaiting(
  draft: Draft,
  group: ConsumerGroup,
  isGone: (memberId: string) => boolean,
): void {
  for (const waiting of group.soft.waiting.values()) {
    if (!isGone(waiting.memberId)) continue
    answerUnknown(draft, group, waiting)
  }
}

export function answerUnknown(draft: Draft, group: ConsumerGroup, waiting: WaitingMember): void {
  const message = `${waiting.memberId} is no longer a member of the group.`
  refuseWaiting(draft, group, { waiting, error: 'UNKNOWN_MEMBER_ID', message })
}

export function refuseWaiting(
  draft: Draft,
  { groupId }: ConsumerGroup,
  { waiting, error, message }: Refusal & { readonly waiting: WaitingMember },
): void {
  const ticketNumber = waiting.ticket.number
  draft.changes.push({ type: 'consumer-waits-no-more', groupId, ticketNumber })
  switch (waiting.kind) {
    case 'heartbeat':
      draft.answers.push(answer(waiting.ticket, refusedHeartbeat({ error, message })))
      return
    case 'join':
      draft.answers.push(answer(waiting.ticket, refusedJoin(waiting.memberId, error)))
      return
  }
}
