import type { Outcome } from '../cluster/outcome.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import type { CommittedOffset } from '../group/offset-requests.ts'

export const groupStates = [
  'Empty',
  'PreparingRebalance',
  'CompletingRebalance',
  'Stable',
  'Dead',
  'Assigning',
  'Reconciling',
  'NotReady',
  'Unknown',
] as const
/** The state of a group, as Kafka names it. `Assigning` and `Reconciling` are of KIP-848 groups, `NotReady` is of Streams. */
export type GroupState = (typeof groupStates)[number]

export const groupTypes = ['classic', 'consumer', 'share', 'streams', 'unknown'] as const
/** How a group is coordinated. `consumer` groups are those of KIP-848. */
export type GroupType = (typeof groupTypes)[number]

/** Which groups are listed. */
export interface ListGroupsOptions {
  /** Only groups in one of these states (KIP-518). Default: all. */
  readonly states?: readonly GroupState[]
  /** Only groups of one of these types (KIP-848). Default: all. */
  readonly types?: readonly GroupType[]
}

export interface ListedGroup {
  readonly groupId: string
  /** `consumer` where its members are consumers; empty where members never joined; other programs use names of their own. */
  readonly protocolType: string
  /** `Unknown` when the broker does not say. */
  readonly state: GroupState
  /** `unknown` when the broker does not say. */
  readonly type: GroupType
}

/** A group and its members. `error` is `GROUP_ID_NOT_FOUND` where there is no such group. */
export interface DescribedGroup extends Outcome {
  readonly groupId: string
  readonly type: GroupType
  readonly protocolType: string
  readonly state: GroupState
  /** How partitions are assigned: `range`, `uniform` ... Empty while there are no members. */
  readonly assignor: string
  /** Grows with every change of the group (KIP-848); -1 in classic groups. */
  readonly groupEpoch: number
  /** The group epoch that the target assignment was computed for (KIP-848); -1 in classic groups. */
  readonly assignmentEpoch: number
  /** The broker that looks after the group; -1 when it was not found. */
  readonly coordinatorId: number
  readonly members: readonly DescribedMember[]
}

export interface DescribedMember {
  readonly memberId: string
  /** The name of a static member (KIP-345), else null. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  /** Where it connects from, as the broker says it: `/127.0.0.1`. */
  readonly host: string
  readonly rackId: string | null
  /** Which protocol the member itself speaks; a `consumer` group may have `classic` members while it is upgraded. */
  readonly protocol: 'classic' | 'consumer' | 'unknown'
  /** -1 in classic groups. */
  readonly memberEpoch: number
  readonly subscribedTopics: readonly string[]
  /** The expression that it subscribes to (KIP-848), else null. */
  readonly subscribedPattern: string | null
  /** What it owns. Empty where the members are no consumers. */
  readonly assignment: readonly TopicPartition[]
  /** What it shall own once all members have followed (KIP-848); in classic groups the same as `assignment`. */
  readonly targetAssignment: readonly TopicPartition[]
}

export interface GroupOutcome extends Outcome {
  readonly groupId: string
}

/** Which committed offsets are looked up. */
export interface GroupOffsetsQuery {
  readonly groupId: string
  /** Default: all that the group has committed. */
  readonly partitions?: readonly TopicPartition[]
}

/** What a group has committed. Of a partition that was asked for and has no commit, the offset is -1. */
export interface GroupOffsets extends GroupOutcome {
  readonly offsets: readonly CommittedOffset[]
}

/** A member to remove: a static one by the name of its instance, any other by the id that the group gave it. */
export type MemberToRemove = { readonly groupInstanceId: string } | { readonly memberId: string }

export interface RemovedMember extends Outcome {
  readonly memberId: string
  readonly groupInstanceId: string | null
}
