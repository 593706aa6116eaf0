import { type ErrorName, errorCode } from '@varve/protocol'
import { answer } from '../../../runtime/decision.ts'
import type { AskedLeave } from '../../classic/leave-group.ts'
import type { GroupDecision, GroupMoment } from '../../group-logic.ts'
import type { GroupShardState } from '../../state.ts'
import type { ConsumerGroup } from '../consumer-group.ts'
import type { ConsumerMember } from '../consumer-member.ts'
import { newDraft } from '../draft.ts'
import { instanceOf, knownMember, staticMember } from '../find-member.ts'
import { isRefusal } from '../heartbeat-answer.ts'
import { removeMembers } from '../remove-members.ts'

/** Since this version one request names several members. */
const VERSION_WITH_MEMBERS = 3

/** Members of a consumer group are taken out: a classic one that leaves, or any that an administrator names. */
export function leaveGroupToConsumerGroup(
  state: GroupShardState,
  { request, ticket, apiVersion }: AskedLeave,
  moment: GroupMoment,
): GroupDecision {
  const draft = newDraft()
  const group = state.groups.get(request.groupId)
  const alone = { memberId: request.memberId, groupInstanceId: null, reason: null }
  const asked = apiVersion >= VERSION_WITH_MEMBERS ? request.members : [alone]
  const leaving = new Set<ConsumerMember>()
  const members = asked.map(({ memberId, groupInstanceId }) => {
    const found = leaver(group?.kind === 'consumer' ? group : undefined, {
      memberId,
      instanceId: groupInstanceId,
    })
    if (!isRefusal(found)) leaving.add(found)
    const error: ErrorName = isRefusal(found) ? found.error : 'NONE'
    return { memberId, groupInstanceId, errorCode: errorCode(error) }
  })
  if (group?.kind === 'consumer' && leaving.size > 0) {
    removeMembers(draft, { state, group }, { members: [...leaving], moment })
  }
  const response =
    apiVersion >= VERSION_WITH_MEMBERS
      ? { throttleTimeMs: 0, errorCode: 0, members }
      : { throttleTimeMs: 0, errorCode: members[0]?.errorCode ?? 0, members: [] }
  draft.answers.push(answer(ticket, response))
  return draft
}

function leaver(
  group: ConsumerGroup | undefined,
  { memberId, instanceId }: { readonly memberId: string; readonly instanceId: string | null },
) {
  const unknown = { error: 'UNKNOWN_MEMBER_ID', message: '' } as const
  if (group === undefined) return unknown
  if (instanceId === null) return knownMember(group, memberId)
  // Without a member id it is an administrator who takes the instance out.
  if (memberId === '') return staticMember(group, instanceId) ?? unknown
  return instanceOf(group, instanceId, memberId)
}
