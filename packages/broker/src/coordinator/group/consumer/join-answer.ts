import type { JoinGroupResponse } from '@varve/protocol'
import { answer, type Ticket } from '../../runtime/decision.ts'
import type { GroupMoment } from '../group-logic.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import type { Draft } from './draft.ts'
import { cancelTimer, classicTimer, sessionTimer } from './member-timers.ts'
import { followUp } from './target-assignment.ts'

/** Tells a classic member that it joined: without a leader, for the coordinator assigns. It has to sync in time. */
export function answerJoin(
  draft: Draft,
  group: ConsumerGroup,
  {
    ticket,
    member,
    moment,
  }: {
    readonly ticket: Ticket<JoinGroupResponse>
    readonly member: ConsumerMember
    readonly moment: GroupMoment
  },
): void {
  const { groupId } = group
  const { memberId, memberEpoch, classic } = member
  draft.changes.push({ type: 'consumer-join-awaited', groupId, memberId, awaited: 'no' })
  draft.timers.push(
    cancelTimer('join', groupId, memberId),
    sessionTimer(groupId, member, moment),
    classicTimer('sync', groupId, { member, moment }),
  )
  if (member.instanceId !== null) {
    draft.work.push(
      followUp(`${groupId}/consumer-downgrade`, { type: 'consumer-downgrade', groupId }, 'at once'),
    )
  }
  draft.answers.push(
    answer(ticket, {
      throttleTimeMs: 0,
      errorCode: 0,
      generationId: memberEpoch,
      protocolType: 'consumer',
      protocolName: classic?.protocols[0]?.name ?? '',
      leader: '',
      skipAssignment: false,
      memberId,
      members: [],
    }),
  )
}
