/**
 * What the records of `__consumer_offsets` say, read by somebody who knows nothing of the coordinator's code: the last record under a key
 * counts. The checkers compare with this, never with the coordinator's own state.
 */
import type {
  ConsumerGroupCurrentMemberAssignmentValue,
  GroupMetadataValue,
  GroupRecord,
  OffsetCommitValue,
} from '@varve/protocol'

export interface SeenOffset {
  /** Null once it was taken away. */
  readonly value: OffsetCommitValue | null
  /** What was taken away. */
  readonly removed: OffsetCommitValue | null
  /** The offset of the record in the log. */
  readonly at: number
}

export class SeenGroup {
  /** The record of a classic group. */
  classic: GroupMetadataValue | undefined
  /** And what it was before the record that ended it, unless it is a consumer group since. */
  endedClassic: GroupMetadataValue | undefined
  /** The epoch of a consumer group; undefined when there is none. */
  epoch: number | undefined
  assignmentEpoch = -1
  /** By member id: the topics it names, and its expression. */
  readonly members = new Map<string, { topics: readonly string[]; pattern: string | null }>()
  readonly current = new Map<string, ConsumerGroupCurrentMemberAssignmentValue>()
  /** By `topic-partition`. */
  readonly offsets = new Map<string, SeenOffset>()
  /** How often the group ended: generations and epochs begin again then. */
  lives = 0

  get hasMembers(): boolean {
    return (this.classic?.members.length ?? 0) > 0 || this.members.size > 0
  }
}

export class LogView {
  readonly groups = new Map<string, SeenGroup>()

  group(groupId: string): SeenGroup {
    const known = this.groups.get(groupId)
    if (known !== undefined) return known
    const group = new SeenGroup()
    this.groups.set(groupId, group)
    return group
  }

  /** Takes the record at that offset; gives the group it is about. */
  take(record: GroupRecord, at: number): string {
    switch (record.type) {
      case 'OffsetCommit': {
        const { group: groupId, topic, partition } = record.key
        const { offsets } = this.group(groupId)
        const place = `${topic}-${partition}`
        const removed = record.value === null ? (offsets.get(place)?.value ?? null) : null
        offsets.set(place, { value: record.value, removed, at })
        return groupId
      }
      case 'GroupMetadata': {
        const group = this.group(record.key.group)
        group.endedClassic = record.value === null ? group.classic : undefined
        group.classic = record.value ?? undefined
        if (record.value === null) group.lives += 1
        return record.key.group
      }
      case 'ConsumerGroupMetadata': {
        const group = this.group(record.key.groupId)
        group.epoch = record.value?.epoch
        group.endedClassic = undefined
        if (record.value === null) group.lives += 1
        return record.key.groupId
      }
      case 'ConsumerGroupTargetAssignmentMetadata':
        this.group(record.key.groupId).assignmentEpoch = record.value?.assignmentEpoch ?? -1
        return record.key.groupId
      case 'ConsumerGroupMemberMetadata': {
        const { members } = this.group(record.key.groupId)
        if (record.value === null) members.delete(record.key.memberId)
        else {
          const { subscribedTopicNames: topics, subscribedTopicRegex: pattern } = record.value
          members.set(record.key.memberId, { topics, pattern })
        }
        return record.key.groupId
      }
      case 'ConsumerGroupCurrentMemberAssignment': {
        const { current } = this.group(record.key.groupId)
        if (record.value === null) current.delete(record.key.memberId)
        else current.set(record.key.memberId, record.value)
        return record.key.groupId
      }
      case 'ConsumerGroupPartitionMetadata':
      case 'ConsumerGroupTargetAssignmentMember':
      case 'ConsumerGroupRegularExpression':
        return record.key.groupId
      case 'LegacyOffsetCommit':
      case 'ShareGroupCurrentMemberAssignment':
      case 'ShareGroupMemberMetadata':
      case 'ShareGroupMetadata':
      case 'ShareGroupStatePartitionMetadata':
      case 'ShareGroupTargetAssignmentMember':
      case 'ShareGroupTargetAssignmentMetadata':
      case 'StreamsGroupCurrentMemberAssignment':
      case 'StreamsGroupMemberMetadata':
      case 'StreamsGroupMetadata':
      case 'StreamsGroupTargetAssignmentMember':
      case 'StreamsGroupTargetAssignmentMetadata':
      case 'StreamsGroupTopology':
        throw new Error(`the group coordinator wrote a ${record.type}`)
    }
  }
}

/** Partitions of a record as `topic id:partition`. */
export function listedPartitions(
  listed: readonly { readonly topicId: string; readonly partitions: readonly number[] }[],
): string[] {
  return listed.flatMap(({ topicId, partitions }) =>
    partitions.map(partition => `${topicId}:${partition}`),
  )
}
