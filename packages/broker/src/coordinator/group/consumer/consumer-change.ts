import type { WaitingMember } from './waiting-member.ts'

/** Soft changes of consumer groups: who waits, and what is being computed. */
export type ConsumerChange =
  | {
      readonly type: 'consumer-waits'
      readonly groupId: string
      readonly waiting: WaitingMember
    }
  | {
      readonly type: 'consumer-waits-no-more'
      readonly groupId: string
      readonly ticketNumber: number
    }
  /** Targets are being computed for the epoch; undefined: no longer. */
  | {
      readonly type: 'consumer-assigning'
      readonly groupId: string
      readonly epoch: number | undefined
    }
  | {
      readonly type: 'consumer-resolving'
      readonly groupId: string
      /** All expressions of the group, or those that were never resolved. */
      readonly what: 'all' | 'new'
    }
  | {
      readonly type: 'consumer-resolved'
      readonly groupId: string
      readonly what: 'all' | 'new'
      readonly atMs: number
    }
  | { readonly type: 'consumer-topics-changed'; readonly groupId: string }
  /** A classic member was told to join again, or did, or went. */
  | {
      readonly type: 'consumer-join-awaited'
      readonly groupId: string
      readonly memberId: string
      readonly awaited: 'yes' | 'no'
    }
