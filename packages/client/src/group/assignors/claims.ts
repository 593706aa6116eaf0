import type { TopicPartition } from '../../consumer/topic-partition.ts'
import type { GroupMember, PartitionCounts } from './assignor.ts'

/** What a member says that it owns, and since which generation. */
export interface Claims {
  readonly owned: readonly TopicPartition[]
  readonly generationId: number
}

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}

/**
 * Who owned each partition, of those that exist and that the owner still reads: keys of partitions to member ids. Of two
 * that claim the same one, the later generation is right; within one generation neither is, because one of them must be
 * wrong and nobody can tell which.
 */
export function rightfulOwners(
  members: readonly GroupMember[],
  claimsOf: (member: GroupMember) => Claims,
  partitionCounts: PartitionCounts,
): ReadonlyMap<string, string> {
  const best = new Map<string, { memberId: string; generationId: number; isDisputed: boolean }>()
  for (const member of members) {
    const { owned, generationId } = claimsOf(member)
    const topics = new Set(member.topics)
    for (const at of owned) {
      if (!topics.has(at.topic) || at.partition >= (partitionCounts.get(at.topic) ?? 0)) continue
      const key = partitionKey(at)
      const known = best.get(key)
      if (known === undefined || known.generationId < generationId)
        best.set(key, { memberId: member.memberId, generationId, isDisputed: false })
      else if (known.generationId === generationId && known.memberId !== member.memberId)
        known.isDisputed = true
    }
  }
  return new Map(
    [...best].flatMap(([key, { memberId, isDisputed }]) => (isDisputed ? [] : [[key, memberId]])),
  )
}
