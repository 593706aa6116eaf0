/** What one shard of the group coordinator knows: a partition of `__consumer_offsets`, read into memory. */
import type { ClassicGroup } from './classic/classic-group.ts'
import type { ConsumerGroup } from './consumer/consumer-group.ts'
import type { GroupOffsets } from './offsets/group-offsets.ts'
import { noPendingOffsets, type PendingOffsets } from './offsets/pending-offsets.ts'

/**
 * Written by `apply` alone. Groups and their maps change in place; what lies in the maps (members, assignments, committed offsets) are
 * values, replaced and never changed. So a decision reads all of it, and work that runs in slices copies the maps and keeps the values.
 */
export interface GroupShardState {
  readonly groups: Map<string, Group>
  /** Committed offsets by group id; a group without one is not listed. A group may have offsets and no entry in `groups` (a simple consumer's). */
  readonly offsets: Map<string, GroupOffsets>
  /** Offsets of transactions that are not over. A group that has nothing else is not there yet. */
  readonly pendingOffsets: PendingOffsets
}

export type Group = ClassicGroup | ConsumerGroup

export function emptyGroupState(): GroupShardState {
  return { groups: new Map(), offsets: new Map(), pendingOffsets: noPendingOffsets() }
}
