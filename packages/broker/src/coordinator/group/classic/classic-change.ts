/** Soft changes of classic groups: what a rebalance that is not over knows. The hard one is the record `GroupMetadata`. */
import type { SyncGroupResponse } from '@varve/protocol'
import type { Ticket } from '../../runtime/decision.ts'
import type { ClassicMember, InitialRebalance, ParkedJoin } from './classic-group.ts'

export type ClassicChange =
  /** A member id was given out (KIP-394). Makes the group if need be. */
  | ChangeOf<'classic-member-pending', { readonly memberId: string }>
  | ChangeOf<'classic-pending-ended', { readonly memberId: string }>
  /** A new or a known member waits for the end of the round. Makes the group if need be. */
  | ChangeOf<
      'classic-member-joining',
      {
        readonly member: ClassicMember
        readonly protocolType: string
        readonly parked: ParkedJoin
      }
    >
  /** A static member came back under a new member id, which stands in the old one's place. */
  | ChangeOf<
      'classic-member-replaced',
      { readonly oldMemberId: string; readonly member: ClassicMember }
    >
  | ChangeOf<'classic-member-removed', { readonly memberId: string }>
  | ChangeOf<'classic-rebalance-begun', { readonly initial: InitialRebalance | null }>
  | ChangeOf<'classic-rebalance-delayed', { readonly initial: InitialRebalance }>
  /** The members of a generation are known. */
  | ChangeOf<
      'classic-generation-begun',
      {
        readonly generationId: number
        readonly protocolName: string
        readonly leaderId: string
      }
    >
  | ChangeOf<
      'classic-member-syncing',
      { readonly memberId: string; readonly ticket: Ticket<SyncGroupResponse> }
    >
  | ChangeOf<'classic-member-synced', { readonly memberId: string }>
  /** Nobody is left of a group that the log does not know. */
  | ChangeOf<'classic-group-emptied', object>
  | ChangeOf<'classic-group-closed', object>
  /** The group was read from the log, and generations after that record may have been given out. */
  | ChangeOf<'classic-group-resumed', { readonly lastGenerationId: number }>

type ChangeOf<Type extends string, Fields> = {
  readonly type: Type
  readonly groupId: string
} & Fields
