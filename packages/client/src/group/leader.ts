import {
  type ConsumerProtocolSubscription,
  decodeSubscription,
  encodeAssignment,
  type JoinGroupResponse,
  WireError,
} from '@varve/protocol'
import type { ClusterImage } from '../cluster/image.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import type { Assignor, GroupMember, PartitionCounts } from './assignors/assignor.ts'

/** The body is the same in all versions, so the one that every client reads is written. */
const ASSIGNMENT_VERSION = 0

/** What the members said of themselves, as the leader of a classic group gets it. */
export function membersOf(response: JoinGroupResponse): GroupMember[] {
  return response.members.map(({ memberId, groupInstanceId, metadata }) => {
    const subscription = readSubscription(metadata)
    return {
      memberId,
      groupInstanceId,
      topics: subscription?.topics ?? [],
      userData: subscription?.userData ?? null,
      ownedPartitions: flat(subscription?.ownedPartitions ?? []),
      generationId: subscription?.generationId ?? -1,
      rackId: subscription?.rackId ?? null,
    }
  })
}

/** A member whose subscription cannot be read gets nothing; the others must not suffer for it. */
function readSubscription(bytes: Uint8Array): ConsumerProtocolSubscription | undefined {
  try {
    return decodeSubscription(bytes)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/** How many partitions the topics that the members read have now. */
export function countPartitions(
  members: readonly GroupMember[],
  image: ClusterImage,
): PartitionCounts {
  const counts = new Map<string, number>()
  for (const topic of new Set(members.flatMap(({ topics }) => topics))) {
    const known = image.topics.get(topic)
    if (known !== undefined && known.error === undefined) counts.set(topic, known.partitions.length)
  }
  return counts
}

/** The assignments as SyncGroup carries them: one for every member, for those without partitions too. */
export function encodedAssignments(
  assignor: Assignor,
  members: readonly GroupMember[],
  counts: PartitionCounts,
): { memberId: string; assignment: Buffer }[] {
  const assignment = assignor.assign(members, counts)
  return members.map(({ memberId }) => ({
    memberId,
    assignment: encodeAssignment(ASSIGNMENT_VERSION, {
      assignedPartitions: byTopic(assignment.get(memberId) ?? []),
      userData: null,
    }),
  }))
}

/** Partitions by topic, as the wire has them. */
export function byTopic(
  partitions: readonly TopicPartition[],
): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const known = topics.get(topic)
    if (known === undefined) topics.set(topic, [partition])
    else known.push(partition)
  }
  return [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers }))
}

/** The same, back. */
export function flat(
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map(partition => ({ topic, partition })),
  )
}
