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

/**
 * What kafkajs offers by default, under its name: partitions in turn to members in turn. It takes whatever a leader assigns,
 * so that its members and ours can share a group while one is replaced by the other. As a leader it gives every member
 * partitions of the topics that the leader itself reads: as long as it may lead, all members should read the same topics.
 */
export const kafkajsRoundRobin: Assignor = { ...roundRobin, name: 'RoundRobinAssigner' }
