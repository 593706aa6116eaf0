import { type GroupRecord, ZERO_UUID } from '@varve/protocol'
import type { GroupShardState } from '../state.ts'
import type { CommittedOffset, GroupOffsets } from './group-offsets.ts'
import { dropPending } from './pending-offsets.ts'

/** The records of committed offsets, those of long ago included. */
export type OffsetRecord = Extract<
  GroupRecord,
  { readonly type: 'OffsetCommit' | 'LegacyOffsetCommit' }
>

/** Makes the record's value the committed offset (G2: the last one in the log counts), or takes the offset away. */
export function applyOffsetRecord(state: GroupShardState, record: OffsetRecord): void {
  dropPending(state.pendingOffsets, record)
  commitRecord(state, record)
}

/** The same for a record that may not be the newest in the log: others may be pending that were written after it. */
export function commitRecord(state: GroupShardState, record: OffsetRecord): void {
  const { group, topic, partition } = record.key
  const committed = committedOf(record)
  if (committed === null) {
    removeOffset(state.offsets.get(group), topic, partition)
    return
  }
  let offsets = state.offsets.get(group)
  if (offsets === undefined) state.offsets.set(group, (offsets = new Map()))
  let partitions = offsets.get(topic)
  if (partitions === undefined) offsets.set(topic, (partitions = new Map()))
  partitions.set(partition, committed)
}

/** The group is over, whatever kind it was: nothing is left to stand for it. Offsets of a group that only changes its kind stay. */
export function forgetEmptyOffsets(state: GroupShardState, groupId: string): void {
  if (state.offsets.get(groupId)?.size === 0) state.offsets.delete(groupId)
}

function committedOf(record: OffsetRecord): CommittedOffset | null {
  if (record.value === null) return null
  const { offset, metadata, commitTimestamp: commitTimestampMs } = record.value
  if (record.type === 'LegacyOffsetCommit') {
    const unknown = { leaderEpoch: -1, expireTimestampMs: -1, topicId: ZERO_UUID }
    return { offset, metadata, commitTimestampMs, ...unknown }
  }
  const { leaderEpoch, expireTimestamp: expireTimestampMs, topicId } = record.value
  return { offset, leaderEpoch, metadata, commitTimestampMs, expireTimestampMs, topicId }
}

function removeOffset(offsets: GroupOffsets | undefined, topic: string, partition: number): void {
  const partitions = offsets?.get(topic)
  if (partitions?.delete(partition) === true && partitions.size === 0) offsets?.delete(topic)
}
