import type { StateRow } from '../classic/classic-group-states.ts'
import type { TopicPartitions } from './topic-partitions.ts'

/** A member of a consumer group: a value, replaced and never changed. */
export interface ConsumerMember {
  readonly memberId: string
  /** The name of a static member (KIP-345). */
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Ascending, each once. */
  readonly subscribedTopicNames: readonly string[]
  /** Null or empty: the member subscribes with no expression. */
  readonly subscribedTopicRegex: string | null
  /** How long it may take to give up partitions; -1 before it said so. */
  readonly rebalanceTimeoutMs: number
  /** The assignor that it asks for; null leaves it to the others. */
  readonly serverAssignor: string | null
  /** What a member said that speaks the classic protocol (it is served by JoinGroup and SyncGroup); null for the others. */
  readonly classic: ClassicMetadata | null
  /** 0 until it first got where the group is; -2 while a static member is away. */
  readonly memberEpoch: number
  /** Accepted too, as long as the answer with the new one may have been lost. */
  readonly previousMemberEpoch: number
  readonly state: MemberState
  /** What it may consume. */
  readonly assigned: TopicPartitions
  /** What it may not consume any longer but has not yet said to have given up. */
  readonly pendingRevocation: TopicPartitions
}

export interface ClassicMetadata {
  readonly sessionTimeoutMs: number
  /** In the member's order of preference; the first one is the group's as far as this member can see. */
  readonly protocols: readonly ClassicProtocol[]
}

export interface ClassicProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

/** The states of a member as the log numbers them, and where it may go from each, as the docs print it. */
export const memberStates = {
  STABLE: {
    code: 0,
    about: 'It has what it shall have at its epoch.',
    next: ['STABLE', 'UNREVOKED_PARTITIONS', 'UNRELEASED_PARTITIONS'],
  },
  UNREVOKED_PARTITIONS: {
    code: 1,
    about:
      'It has to give up partitions, and to say so, before it moves on; it has its rebalance timeout for it.',
    next: ['STABLE', 'UNREVOKED_PARTITIONS', 'UNRELEASED_PARTITIONS'],
  },
  UNRELEASED_PARTITIONS: {
    code: 2,
    about: "It is at the group's epoch, but others still hold partitions that it shall get.",
    next: ['STABLE', 'UNREVOKED_PARTITIONS', 'UNRELEASED_PARTITIONS'],
  },
  UNKNOWN: {
    code: 127,
    about: 'A state from a later version: such a member has to begin anew, without partitions.',
    next: ['STABLE', 'UNREVOKED_PARTITIONS', 'UNRELEASED_PARTITIONS'],
  },
} as const satisfies Record<string, StateRow & { readonly code: number }>

export type MemberState = keyof typeof memberStates

export function memberStateOf(code: number): MemberState {
  if (code === memberStates.STABLE.code) return 'STABLE'
  if (code === memberStates.UNREVOKED_PARTITIONS.code) return 'UNREVOKED_PARTITIONS'
  return code === memberStates.UNRELEASED_PARTITIONS.code ? 'UNRELEASED_PARTITIONS' : 'UNKNOWN'
}

/** The epoch of a member that leaves. */
export const LEAVES = -1
/** The epoch of a static member that is away and comes back. */
export const LEAVES_FOR_A_WHILE = -2

/** A member of whom nothing is known but its id. */
export function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    rebalanceTimeoutMs: -1,
    serverAssignor: null,
    classic: null,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    state: 'STABLE',
    assigned: new Map(),
    pendingRevocation: new Map(),
  }
}

/** Whether it is where the target assignment of that epoch wants it. */
export function isReconciledTo(member: ConsumerMember, assignmentEpoch: number): boolean {
  return member.state === 'STABLE' && member.memberEpoch === assignmentEpoch
}

/** The expression that the member subscribes with; undefined without one. */
export function expressionOf(member: ConsumerMember): string | undefined {
  return member.subscribedTopicRegex || undefined
}
