import type { TopicPartition } from '../../consumer/topic-partition.ts'
import { type Assignor, inOrder, subscribedTopics } from './assignor.ts'

/**
 * Each topic on its own, in contiguous ranges; the first members get one more where it does not come out even. Topics with
 * as many partitions, read by the same members, go to them alike, so that records with the same key meet.
 */
export const range: Assignor = {
  name: 'range',
  rebalanceProtocol: 'eager',
  assign(members, partitionCounts) {
    const assignment = new Map<string, TopicPartition[]>(
      members.map(({ memberId }) => [memberId, []]),
    )
    const ordered = inOrder(members).map(member => ({ member, topics: new Set(member.topics) }))
    for (const topic of subscribedTopics(members, partitionCounts)) {
      const count = partitionCounts.get(topic) ?? 0
      const readers = ordered.filter(({ topics }) => topics.has(topic))
      const share = Math.floor(count / readers.length)
      const extra = count % readers.length
      for (const [index, { member }] of readers.entries()) {
        const first = share * index + Math.min(index, extra)
        const size = share + (index < extra ? 1 : 0)
        const partitions = assignment.get(member.memberId)
        for (let partition = first; partition < first + size; partition += 1)
          partitions?.push({ topic, partition })
      }
    }
    return assignment
  },
}
