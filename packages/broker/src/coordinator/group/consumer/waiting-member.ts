import type { ConsumerGroupHeartbeatResponse, JoinGroupResponse } from '@varve/protocol'
import type { Ticket } from '../../runtime/decision.ts'
import type { ListedPartitions, TopicPartitions } from './topic-partitions.ts'

/** A request of a member that waits until the assignment has caught up with a group epoch. */
export type WaitingMember = WaitingHeartbeat | WaitingJoin

export interface WaitingHeartbeat extends Waiting {
  readonly kind: 'heartbeat'
  readonly ticket: Ticket<ConsumerGroupHeartbeatResponse>
  /** It asked for its whole assignment, changed or not. */
  readonly wantsAssignment: boolean
  /** What the member had when it asked. */
  readonly assigned: TopicPartitions
}

export interface WaitingJoin extends Waiting {
  readonly kind: 'join'
  readonly ticket: Ticket<JoinGroupResponse>
}

interface Waiting {
  readonly memberId: string
  readonly groupEpoch: number
  /** It also waits for the expressions that are being resolved. */
  readonly awaitsPatterns: boolean
  /** What the member said to hold; null when it did not say. */
  readonly owned: ListedPartitions | null
}
