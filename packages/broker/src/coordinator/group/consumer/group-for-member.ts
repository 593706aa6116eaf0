import type { GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import { type ConsumerGroup, newConsumerGroup } from './consumer-group.ts'
import type { Draft } from './draft.ts'
import type { Refusal } from './heartbeat-answer.ts'
import { upgradeToConsumerGroup } from './upgrade.ts'

/**
 * The group of a heartbeat. Who joins makes the group that is not there, and turns a classic group into a consumer
 * group: an empty one always, another if the settings allow it.
 */
export function groupForMember(
  draft: Draft,
  state: GroupShardState,
  {
    groupId,
    joins,
    moment,
  }: {
    readonly groupId: string
    readonly joins: 'joins' | 'is there'
    readonly moment: GroupMoment
  },
): ConsumerGroup | Refusal {
  const group = state.groups.get(groupId)
  if (group?.kind === 'consumer') return group
  if (joins === 'is there') {
    const message =
      group === undefined ? 'There is no such group.' : 'The group is not a consumer group.'
    return { error: 'GROUP_ID_NOT_FOUND', message }
  }
  return group === undefined
    ? newConsumerGroup(groupId)
    : upgradeToConsumerGroup(draft, group, moment)
}
