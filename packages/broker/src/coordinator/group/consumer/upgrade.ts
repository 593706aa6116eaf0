/** A classic group becomes a consumer group when a member of the consumer protocol joins it. */
import type { ClassicGroup } from '../classic/classic-group.ts'
import type { GroupMoment } from '../group-logic.ts'
import { type ConsumerGroup, newConsumerGroup } from './consumer-group.ts'
import type { Draft } from './draft.ts'
import type { Refusal } from './heartbeat-answer.ts'

export function upgradeToConsumerGroup(
  draft: Draft,
  group: ClassicGroup,
  _moment: GroupMoment,
): ConsumerGroup | Refusal {
  const { groupId } = group
  if (group.members.size === 0) {
    draft.changes.push({
      type: 'record',
      record: { type: 'GroupMetadata', key: { group: groupId }, value: null },
    })
    return newConsumerGroup(groupId)
  }
  return { error: 'GROUP_ID_NOT_FOUND', message: 'The group is a classic group with members.' }
}
