/** A group of the classic protocol: members join and sync in rounds, and each round is a generation. */
export interface ClassicGroup {
  readonly kind: 'classic'
  readonly groupId: string
  state: ClassicGroupState
  generationId: number
  /** `consumer` for consumers, `connect` for workers; null until a member named it. */
  protocolType: string | null
  /** The assignor that all members agreed on; null without one. */
  protocolName: string | null
  leaderId: string | null
  readonly members: Map<string, ClassicMember>
  /** Member ids of static members by instance id (KIP-345). */
  readonly staticMembers: Map<string, string>
}

export type ClassicGroupState =
  | 'Empty'
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'Stable'
  | 'Dead'

/** A value: replaced, never changed. */
export interface ClassicMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** In the member's order of preference. */
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[]
  readonly assignment: Uint8Array
}
