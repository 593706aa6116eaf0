import type { ErrorName } from '@varve/protocol'
import type { GroupMoment } from '../../group-logic.ts'
import type { ConsumerGroup } from '../consumer-group.ts'
import type { ConsumerMember } from '../consumer-member.ts'
import { isFreeIn } from '../current-assignment.ts'
import type { Draft } from '../draft.ts'
import { instanceOf, knownMember } from '../find-member.ts'
import { isRefusal } from '../heartbeat-answer.ts'
import { classicTimer } from '../member-timers.ts'

export interface NamedMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly generationId: number
}

/** The classic member that a request names, at the generation that it names. */
export function classicMember(
  group: ConsumerGroup,
  { memberId, instanceId, generationId }: NamedMember,
): ConsumerMember | { readonly error: ErrorName } {
  const member =
    instanceId === null ? knownMember(group, memberId) : instanceOf(group, instanceId, memberId)
  if (isRefusal(member)) return member
  if (member.classic === null) return { error: 'UNKNOWN_MEMBER_ID' }
  return member.memberEpoch === generationId ? member : { error: 'ILLEGAL_GENERATION' }
}

/** Whether everything that the member still waits for has been given up by others. */
export function canTakeRest(group: ConsumerGroup, member: ConsumerMember): boolean {
  for (const [topicId, numbers] of group.targets.get(member.memberId) ?? []) {
    const assigned = new Set(member.assigned.get(topicId))
    if (numbers.some(number => !assigned.has(number) && !isFreeIn(group, topicId, number)))
      return false
  }
  return true
}

/** The member was told to join again: from the first time on it has its rebalance timeout to do so. */
export function awaitJoin(
  draft: Draft,
  group: ConsumerGroup,
  { member, moment }: { readonly member: ConsumerMember; readonly moment: GroupMoment },
): void {
  const { groupId, soft } = group
  const { memberId } = member
  if (soft.awaitedJoins.has(memberId)) return
  draft.changes.push({ type: 'consumer-join-awaited', groupId, memberId, awaited: 'yes' })
  draft.timers.push(classicTimer('join', groupId, { member, moment }))
}
