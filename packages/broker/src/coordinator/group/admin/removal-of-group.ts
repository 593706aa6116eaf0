import type { ErrorName } from '@varve/protocol'
import type { TimerChange } from '../../runtime/decision.ts'
import type { GroupChange } from '../change.ts'
import { classicGroupTombstone } from '../classic/classic-group-record.ts'
import { endClassicGroup } from '../classic/convert-classic-group.ts'
import { consumerGroupTombstones } from '../consumer/consumer-records.ts'
import type { GroupEvent } from '../event.ts'
import { offsetTombstone } from '../offsets/offset-records.ts'
import { pendingPlaces } from '../offsets/pending-offsets.ts'
import type { Group, GroupShardState } from '../state.ts'

export interface GroupRemoval {
  readonly changes: readonly GroupChange[]
  readonly timers: readonly TimerChange<GroupEvent>[]
}

/**
 * What takes a group without members out of the log, after its committed offsets unless they are taken care of: NON_EMPTY_GROUP,
 * GROUP_ID_NOT_FOUND.
 */
export function removalOfGroup(
  state: GroupShardState,
  groupId: string,
  what: 'offsets and group' | 'group only',
): GroupRemoval | ErrorName {
  const group = state.groups.get(groupId)
  if (group === undefined && !state.offsets.has(groupId)) return 'GROUP_ID_NOT_FOUND'
  if (group !== undefined && !isEmpty(group)) return 'NON_EMPTY_GROUP'
  const offsets = what === 'group only' ? [] : offsetTombstones(state, groupId)
  const { changes, timers } = removalOf(state, groupId)
  return { changes: [...offsets, ...changes], timers }
}

function isEmpty(group: Group): boolean {
  switch (group.kind) {
    case 'classic':
      return group.state === 'Empty'
    case 'consumer':
      return group.members.size === 0
  }
}

function removalOf(state: GroupShardState, groupId: string): GroupRemoval {
  const group = state.groups.get(groupId)
  // A group that nobody ever joined has offsets only. Kafka expects the tombstone for it too.
  if (group === undefined) return { changes: [classicGroupTombstone(groupId)], timers: [] }
  switch (group.kind) {
    case 'classic': {
      const { changes, timers } = endClassicGroup(group)
      const isUnknownToLog = group.settled === null && state.offsets.has(groupId)
      return {
        changes: isUnknownToLog ? [...changes, classicGroupTombstone(groupId)] : changes,
        timers,
      }
    }
    case 'consumer':
      return { changes: consumerGroupTombstones(group), timers: [] }
  }
}

function offsetTombstones(state: GroupShardState, groupId: string): GroupChange[] {
  const tombstones: GroupChange[] = []
  for (const [topic, partitions] of state.offsets.get(groupId) ?? []) {
    for (const partition of partitions.keys()) {
      tombstones.push(offsetTombstone({ groupId, topic, partition }))
    }
  }
  for (const place of pendingPlaces(state.pendingOffsets, groupId)) {
    const isCommitted = state.offsets.get(groupId)?.get(place.topic)?.has(place.partition)
    if (isCommitted !== true) tombstones.push(offsetTombstone({ groupId, ...place }))
  }
  return tombstones
}
