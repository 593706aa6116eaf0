import type { TopicPartition } from '../../consumer/topic-partition.ts'

/** What a member of a group says of itself when it joins, as the leader of the group reads it. */
export interface GroupMember {
  readonly memberId: string
  /** The name that a static member keeps over restarts (KIP-345). */
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  /** What the member's assignor of the same name added. */
  readonly userData: Uint8Array | null
  /** What the member still owns. Empty when it gave everything up before it joined. */
  readonly ownedPartitions: readonly TopicPartition[]
  /** The generation in which it came to own them; -1 when it does not say. */
  readonly generationId: number
  readonly rackId: string | null
}

/** How many partitions the topics have. A topic that does not exist is not in it. */
export type PartitionCounts = ReadonlyMap<string, number>

/** Which partitions each member gets, by member id. */
export type GroupAssignment = ReadonlyMap<string, readonly TopicPartition[]>

/**
 * Divides partitions among the members of a classic group; the leader of the group calls it. Members of one group may be
 * different clients: the group uses an assignor that all of them know by `name`.
 */
export interface Assignor {
  readonly name: string
  /**
   * `eager`: a member gives up all partitions before each rebalance. `cooperative` (KIP-429): it keeps them, and gives up
   * only what the assignment takes away; the assignor must then not give away what another member still owns.
   */
  readonly rebalanceProtocol: 'eager' | 'cooperative'
  /** What to add to the subscription, of what the member owned in its last generation. Default: nothing. */
  userData?(owned: readonly TopicPartition[], generationId: number): Uint8Array | null
  assign(members: readonly GroupMember[], partitionCounts: PartitionCounts): GroupAssignment
}

/** The order that Kafka's assignors count in: static members by their lasting name, then the others by id. */
export function inOrder(members: readonly GroupMember[]): GroupMember[] {
  return [...members].sort((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null)
      return byText(a.groupInstanceId, b.groupInstanceId)
    if (a.groupInstanceId !== null) return -1
    if (b.groupInstanceId !== null) return 1
    return byText(a.memberId, b.memberId)
  })
}

/** The topics that exist and that a member reads, in order. */
export function subscribedTopics(
  members: readonly GroupMember[],
  partitionCounts: PartitionCounts,
): string[] {
  const topics = new Set(members.flatMap(member => member.topics))
  return [...topics].filter(topic => (partitionCounts.get(topic) ?? 0) > 0).sort(byText)
}

/** By code units, as Java compares strings: never by the language of the machine. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
