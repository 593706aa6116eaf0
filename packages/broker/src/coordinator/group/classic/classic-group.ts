import type { GroupMetadataValue, JoinGroupResponse, SyncGroupResponse } from '@varve/protocol'
import type { Ticket } from '../../runtime/decision.ts'
import type { ClassicGroupState } from './classic-group-states.ts'

/**
 * A group of the classic protocol: members join and sync in rounds, and each round is a generation. `settled` is its hard state, the
 * record in the log; the rest follows from it at reload and runs ahead of it during a round.
 */
export interface ClassicGroup {
  readonly kind: 'classic'
  readonly groupId: string
  /** What the log says; null for a group that has not reached its first assignment. */
  settled: GroupMetadataValue | null
  state: ClassicGroupState
  /** Of the last round whose members are known. */
  generationId: number
  /** No member has seen a generation above this one; the next round takes the one behind it (see `generation-ids.ts`). */
  lastGenerationId: number
  /** `consumer` for consumers, `connect` for workers; null until a member named it. */
  protocolType: string | null
  /** The assignor that all members agreed on; null without one. */
  protocolName: string | null
  leaderId: string | null
  /** In the order in which they came. */
  readonly members: Map<string, ClassicMember>
  /** Member ids of static members by instance id (KIP-345). */
  readonly staticMembers: Map<string, string>
  /** Ids that were given out and have not come back with a second JoinGroup (KIP-394). */
  readonly pendingMembers: Set<string>
  /** Parked JoinGroup requests by member id: in PreparingRebalance, those who have joined the round. */
  readonly joining: Map<string, ParkedJoin>
  /** Parked SyncGroup requests by member id, in CompletingRebalance. */
  readonly syncing: Map<string, Ticket<SyncGroupResponse>>
  /** Members of this generation that have not asked for their assignment yet. */
  readonly unsynced: Set<string>
  /** By how many members each protocol is offered. */
  readonly protocolCounts: Map<string, number>
  /** What the members will take up in the group's record, assignments aside. */
  storedBytes: number
  /** Set while the first members of an empty group are given time to arrive together. */
  initialRebalance: InitialRebalance | null
}

/** A JoinGroup request that is answered when its round is over. */
export interface ParkedJoin {
  readonly ticket: Ticket<JoinGroupResponse>
}

/** `group.initial.rebalance.delay.ms`: the delay begins again as long as members arrive, up to the rebalance timeout. */
export interface InitialRebalance {
  /** What is left of the rebalance timeout after the delay that runs now. */
  readonly remainingMs: number
  readonly hasNewMember: boolean
}

/** A value: replaced, never changed. */
export interface ClassicMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** In the member's order of preference. After a reload there is only the one that the group had agreed on. */
  readonly protocols: readonly ClassicProtocol[]
  readonly assignment: Uint8Array
}

export interface ClassicProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

export const NO_BYTES = new Uint8Array(0)

/** A group that nobody has joined. */
export function emptyClassicGroup(groupId: string): ClassicGroup {
  return {
    kind: 'classic',
    groupId,
    settled: null,
    state: 'Empty',
    generationId: 0,
    lastGenerationId: 0,
    protocolType: null,
    protocolName: null,
    leaderId: null,
    members: new Map(),
    staticMembers: new Map(),
    pendingMembers: new Set(),
    joining: new Map(),
    syncing: new Map(),
    unsynced: new Set(),
    protocolCounts: new Map(),
    storedBytes: 0,
    initialRebalance: null,
  }
}
