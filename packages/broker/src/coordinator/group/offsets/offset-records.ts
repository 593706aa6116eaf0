/** The records of committed offsets as changes. */
import type { GroupChange } from '../change.ts'
import type { CommittedOffset } from './group-offsets.ts'

/** Where an offset was committed. */
export interface OffsetPlace {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
}

export function offsetRecord(place: OffsetPlace, committed: CommittedOffset): GroupChange {
  const { groupId: group, topic, partition } = place
  const { offset, leaderEpoch, metadata, topicId } = committed
  return {
    type: 'record',
    record: {
      type: 'OffsetCommit',
      key: { group, topic, partition },
      value: {
        offset,
        leaderEpoch,
        metadata,
        commitTimestamp: committed.commitTimestampMs,
        expireTimestamp: committed.expireTimestampMs,
        topicId,
      },
    },
  }
}

export function offsetTombstone({ groupId: group, topic, partition }: OffsetPlace): GroupChange {
  const key = { group, topic, partition }
  return { type: 'record', record: { type: 'OffsetCommit', key, value: null } }
}
