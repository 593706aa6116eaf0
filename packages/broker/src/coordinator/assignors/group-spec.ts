/** What a server-side assignor (KIP-848) is asked, and what it answers. */

/** One member, as its last heartbeat described it. */
export interface MemberSpec {
  /**
   * The topics that the member reads, those of its regular expression included. Members that share one set object are
   * known to be subscribed alike without a comparison.
   */
  readonly subscribedTopicIds: ReadonlySet<string>
  /** The name of a static member (KIP-345). */
  readonly instanceId: string | null
  /** No assignor looks at racks, as in Kafka 4. */
  readonly rackId: string | null
  /** The partitions of the member by topic id in the target assignment before this one: a set, or an array as in {@link GroupAssignment}. */
  readonly currentAssignment: ReadonlyMap<string, Iterable<number>>
}

export interface TopicSpec {
  readonly partitions: number
}

export interface GroupSpec {
  /** By member id. */
  readonly members: ReadonlyMap<string, MemberSpec>
  /** By topic id. A subscribed topic that is missing here is one that was removed: nobody gets it. */
  readonly topics: ReadonlyMap<string, TopicSpec>
}

/**
 * The partitions of each member by member id and topic id. Every member is in it. Topics of which a member gets nothing
 * are left out; topics and partitions ascend.
 */
export type GroupAssignment = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
