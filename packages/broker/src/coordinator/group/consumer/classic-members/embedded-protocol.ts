/** What classic consumers say and are told inside the blobs of JoinGroup and SyncGroup. */
import {
  consumerProtocolType,
  decodeSubscription,
  encodeAssignment,
  type VersionedSubscription,
  WireError,
} from '@varve/protocol'
import type { MetadataImage } from '../../../../metadata/image.ts'
import type { ConsumerGroup } from '../consumer-group.ts'
import type { ClassicProtocol } from '../consumer-member.ts'
import { fromListed, type ListedPartitions, type TopicPartitions } from '../topic-partitions.ts'

/** The newest version of the assignment's blob. */
const ASSIGNMENT_VERSION_MAX = 3

/** What a member subscribes to under the protocol that it prefers; undefined when that cannot be read. */
export function subscriptionOf(
  protocols: readonly ClassicProtocol[],
): VersionedSubscription | undefined {
  const [preferred] = protocols
  if (preferred === undefined) return undefined
  try {
    return decodeSubscription(preferred.metadata)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/** Whether a member with these protocols can be a classic one of the group: it is a consumer, and all offer one of them. */
export function suitsClassicMembers(
  group: ConsumerGroup,
  protocolType: string,
  protocols: readonly { readonly name: string }[],
): boolean {
  if (protocolType !== consumerProtocolType || protocols.length === 0) return false
  const common = new Set(protocols.map(({ name }) => name))
  if (group.classicMembers === 0) return true
  for (const { classic } of group.members.values()) {
    if (classic === null) continue
    const offered = new Set(classic.protocols.map(({ name }) => name))
    for (const name of common) if (!offered.has(name)) common.delete(name)
    if (common.size === 0) return false
  }
  return true
}

/** Partitions by topic name as partitions by topic id; topics that are not there any more are left out. */
export function partitionsById(
  named: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  image: MetadataImage,
): ListedPartitions {
  return named.flatMap(({ topic, partitions }) => {
    const found = image.topics.byName.get(topic)
    return found === undefined ? [] : [{ topicId: found.topicId, partitions }]
  })
}

/** The bytes of an assignment, in the version that the member's subscription is in. */
export function assignmentBytes(
  partitions: TopicPartitions,
  protocols: readonly ClassicProtocol[],
  image: MetadataImage,
): Uint8Array {
  const version = Math.min(subscriptionOf(protocols)?.version ?? 0, ASSIGNMENT_VERSION_MAX)
  const assignedPartitions = [...partitions].flatMap(([topicId, numbers]) => {
    const topic = image.topics.byId.get(topicId)
    return topic === undefined ? [] : [{ topic: topic.name, partitions: [...numbers] }]
  })
  return encodeAssignment(version, { assignedPartitions, userData: null })
}

export function partitionsOf(
  named: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  image: MetadataImage,
): TopicPartitions {
  return fromListed(partitionsById(named, image))
}
