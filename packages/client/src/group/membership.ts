import type { Cluster } from '../cluster/cluster.ts'
import type { Coordinator } from '../cluster/coordinator.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'
import type { OffsetToCommit } from './offset-requests.ts'
import type { GroupSettings } from './options.ts'

/** What a membership is made of. */
export interface MembershipParts {
  readonly cluster: Cluster
  readonly coordinator: Coordinator
  readonly settings: GroupSettings
  readonly holder: PartitionHolder
  readonly topics: readonly string[]
  readonly rackId: string
}

/** Who a member is in what it asks of the coordinator. */
export interface MemberIdentity {
  readonly memberId: string
  /** The generation of a classic group, the member epoch of a `consumer` group; -1: not a member. */
  readonly generationIdOrMemberEpoch: number
  readonly groupInstanceId: string | null
}

/** What makes a commit of offsets that of a certain member: `consumer.groupMetadata()` gives it (KIP-447). */
export interface GroupMetadata extends MemberIdentity {
  readonly groupId: string
}

/** Offsets, and the member that may commit them. */
export interface ClaimedOffsets {
  readonly groupMetadata: GroupMetadata
  readonly offsets: readonly OffsetToCommit[]
}

/** A consumer that takes no part in a group but commits to it: to the broker it is nobody. */
export const NOBODY: MemberIdentity = {
  memberId: '',
  generationIdOrMemberEpoch: -1,
  groupInstanceId: null,
}

/** Handlers get this share of the time in which partitions are given up; the rest is for the commit, the hook and the request. */
export const HANDLING_SHARE = 0.75

/** One consumer's part in a group: joins, stays, hands partitions over, leaves. */
export interface Membership {
  /** Who the member is now; undefined while it is not a member. */
  readonly identity: MemberIdentity | undefined
  /** Joins, and stays until `leave`. */
  start(): void
  /** The coordinator refused a request that this member sent as `identity`. */
  refused(error: unknown, identity: MemberIdentity): void
  /** True when others may own the partitions already: there was no heartbeat for the time of a session. */
  isSessionOver(now: number): boolean
  /** The reader is back: a member that left because it was away joins again. */
  awake(): void
  /** Ends the membership, and says so to the coordinator. */
  leave(reason: string, timeoutMs: number): Promise<void>
}

/** What a membership tells the consumer. The promises are settled when the consumer and its hooks are done. */
export interface PartitionHolder {
  readonly owned: readonly TopicPartition[]
  /** These are ours now, in addition. `topicId`: which of the topics that have had this name is meant, if that is known. */
  assign(partitions: readonly (TopicPartition & { readonly topicId?: string })[]): Promise<void>
  /** Give these up, after what is in hand was handled, for which there is this much time, and after it was committed. */
  revoke(partitions: readonly TopicPartition[], handlingMs: number): Promise<void>
  /** Hand out nothing more: what we own may be lost. `resume` or `lose` follows. */
  suspend(): void
  /** Look again whether records may be handed out, before the next one is. */
  recheck(): void
  resume(): void
  /** All that we owned belongs to others. */
  lose(): Promise<void>
  /** How long the reader has not come back for more, 0 when it waits for records. */
  idleMs(now: number): number
  /** The membership ended for good. */
  failed(error: Error): void
}
