import type { TopicPartitions } from './topic-partitions.ts'

/** What timers and work of consumer groups result in. */
export type ConsumerEvent =
  /** The member was not heard of for its session timeout, or did not join or sync in time as a classic one. */
  | {
      readonly type: 'consumer-session-expired'
      readonly groupId: string
      readonly memberId: string
    }
  /** The member had its rebalance timeout to give up partitions. */
  | {
      readonly type: 'consumer-rebalance-expired'
      readonly groupId: string
      readonly memberId: string
      readonly memberEpoch: number
    }
  | TargetsComputed
  /** The assignment has caught up: those who waited for it get their answers. */
  | { readonly type: 'consumer-settle'; readonly groupId: string }
  /** A static member came back as a classic one, perhaps as the last. */
  | { readonly type: 'consumer-downgrade'; readonly groupId: string }
  | {
      readonly type: 'consumer-patterns-resolved'
      readonly groupId: string
      readonly what: 'all' | 'new'
      /** The topics of each expression. */
      readonly resolved: ReadonlyMap<string, readonly string[]>
      readonly revision: number
    }

export interface TargetsComputed {
  readonly type: 'consumer-targets-computed'
  readonly groupId: string
  /** The group epoch for which they were computed. */
  readonly epoch: number
  /** Those that changed. */
  readonly targets: readonly ComputedTarget[]
}

export interface ComputedTarget {
  readonly memberId: string
  readonly instanceId: string | null
  readonly partitions: TopicPartitions
}
