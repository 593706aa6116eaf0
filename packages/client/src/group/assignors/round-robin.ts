import type { TopicPartition } from '../../consumer/topic-partition.ts'
import { type Assignor, inOrder, subscribedTopics } from './assignor.ts'

/** All partitions of all topics in turn to the members in turn; a member that does not read a topic is passed over. */
export const roundRobin: Assignor = {
  name: 'roundrobin',
  rebalanceProtocol: 'eager',
  assign(members, partitionCounts) {
    const assignment = new Map<string, TopicPartition[]>(
      members.map(({ memberId }) => [memberId, []]),
    )
    const ordered = inOrder(members).map(({ memberId, topics }) => ({
      topics: new Set(topics),
      partitions: assignment.get(memberId),
    }))
    let turn = 0
    for (const topic of subscribedTopics(members, partitionCounts)) {
      const count = partitionCounts.get(topic) ?? 0
      for (let partition = 0; partition < count; partition += 1) {
        while (!ordered[turn % ordered.length]?.topics.has(topic)) turn += 1
        ordered[turn % ordered.length]?.partitions?.push({ topic, partition })
        turn += 1
      }
    }
    return assignment
  },
}
