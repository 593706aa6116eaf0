import { ZERO_BITS } from '@varve/protocol'
import type { ConsumerMember } from './consumer-member.ts'
import type { TopicPartitions } from './topic-partitions.ts'
import type { WaitingMember } from './waiting-member.ts'

/** A group of the consumer protocol (KIP-848): the coordinator assigns, and each member moves there at its own pace. */
export interface ConsumerGroup {
  readonly kind: 'consumer'
  readonly groupId: string
  /** Grows whenever members, subscriptions or subscribed topics change; 0 before the first record says so. */
  groupEpoch: number
  /** Of the subscribed topics as they were when the group epoch was last set. */
  metadataHash: string
  /** The group epoch for which the targets were computed; -1 or 0 before the first. */
  assignmentEpoch: number
  /** Whether the record of Kafka before 4.1 that the hash replaced lies in the log. */
  hasPartitionMetadata: boolean
  /** By member id. */
  readonly members: Map<string, ConsumerMember>
  /** What each member shall have in the end, by member id. */
  readonly targets: Map<string, TopicPartitions>
  /** The topics of regular expressions, by expression. */
  readonly patterns: Map<string, ResolvedPattern>

  /** Member ids of static members by instance id. Like the next four it follows from the members. */
  readonly staticMembers: Map<string, string>
  /** G1: the one member that has a partition, assigned or not yet given up, by topic id and partition. */
  readonly owners: Map<string, Map<number, string>>
  /** How many members name a topic in their subscription. */
  readonly topicSubscribers: Map<string, number>
  /** How many members subscribe with an expression. */
  readonly patternSubscribers: Map<string, number>
  /** How many members ask for an assignor. */
  readonly assignorVotes: Map<string, number>
  /** How many members speak the classic protocol. */
  classicMembers: number

  /** Not in the log: what is going on. */
  readonly soft: SoftConsumerGroup
}

export interface SoftConsumerGroup {
  /** Requests that wait for an assignment, by the number of their ticket. */
  readonly waiting: Map<number, WaitingMember>
  /** The epoch for which targets are being computed. */
  assigning: number | undefined
  /** Whether expressions are being resolved. */
  isResolving: boolean
  /** When expressions were last resolved, on the patient clock; undefined: not by this process. */
  resolvedAtMs: number | undefined
  /** When all of them were. */
  allResolvedAtMs: number | undefined
  /** Topics came or went since then. */
  hasNewTopics: boolean
  /** The subscription that was read last: members mostly share one, and it is kept once. */
  lastTopicNames: readonly string[]
  /** Classic members that were told to join again. */
  readonly awaitedJoins: Set<string>
}

/** A value: what an expression matched. */
export interface ResolvedPattern {
  readonly topics: ReadonlySet<string>
  /** The revision of the metadata that was looked at. */
  readonly version: number
  readonly timestampMs: number
}

export function newConsumerGroup(groupId: string): ConsumerGroup {
  return {
    kind: 'consumer',
    groupId,
    groupEpoch: 0,
    metadataHash: ZERO_BITS,
    assignmentEpoch: 0,
    hasPartitionMetadata: false,
    members: new Map(),
    targets: new Map(),
    patterns: new Map(),
    staticMembers: new Map(),
    owners: new Map(),
    topicSubscribers: new Map(),
    patternSubscribers: new Map(),
    assignorVotes: new Map(),
    classicMembers: 0,
    soft: {
      waiting: new Map(),
      assigning: undefined,
      isResolving: false,
      resolvedAtMs: undefined,
      allResolvedAtMs: undefined,
      hasNewTopics: false,
      lastTopicNames: [],
      awaitedJoins: new Set(),
    },
  }
}
