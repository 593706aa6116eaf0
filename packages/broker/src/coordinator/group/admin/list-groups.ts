import type { ListGroupsResponse } from '@varve/protocol'
import { describeState } from '../consumer/describe-consumer-group.ts'
import type { Group, GroupShardState } from '../state.ts'

export type ListedGroup = ListGroupsResponse['groups'][number]

/** Which groups are asked for; an empty list asks for all. Names count in any case and with blanks around them. */
export interface GroupFilter {
  readonly states: readonly string[]
  readonly types: readonly string[]
}

/** The groups of one shard that pass, those among them that nobody ever joined and that have committed offsets only. */
export function listGroups(state: GroupShardState, filter: GroupFilter): readonly ListedGroup[] {
  const states = wanted(filter.states)
  const types = wanted(filter.types)
  const listed: ListedGroup[] = []
  const take = (group: ListedGroup): void => {
    const { groupState, groupType } = group
    if (states.size > 0 && !states.has(groupState.toLowerCase())) return
    if (types.size === 0 || types.has(groupType)) listed.push(group)
  }
  for (const group of state.groups.values()) take(entryOf(group))
  for (const groupId of state.offsets.keys()) {
    if (state.groups.has(groupId)) continue
    take({ groupId, protocolType: '', groupState: 'Empty', groupType: 'classic' })
  }
  return listed
}

function wanted(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(name => name.trim().toLowerCase()))
}

function entryOf(group: Group): ListedGroup {
  const { groupId } = group
  switch (group.kind) {
    case 'classic': {
      const protocolType = group.protocolType ?? ''
      return { groupId, protocolType, groupState: group.state, groupType: 'classic' }
    }
    case 'consumer': {
      const groupState = describeState(group)
      return { groupId, protocolType: 'consumer', groupState, groupType: 'consumer' }
    }
  }
}
