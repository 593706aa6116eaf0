/** Which topics a group is subscribed to, and what it remembers of them. */
import { bitsOf, ZERO_BITS } from '@varve/protocol'
import type { MetadataImage } from '../../../metadata/image.ts'
import type { ConsumerGroup, ResolvedPattern } from './consumer-group.ts'
import { type ConsumerMember, expressionOf } from './consumer-member.ts'

/** Who goes and who comes, a changed member being both, and what expressions were newly resolved to. */
export interface SubscriptionChange {
  readonly gone: readonly ConsumerMember[]
  readonly come: readonly ConsumerMember[]
  readonly patterns?: ReadonlyMap<string, ResolvedPattern>
}

const NO_CHANGE: SubscriptionChange = { gone: [], come: [] }

/** Whether a member of the group wants the topic, by name or by an expression. */
export function consumerGroupSubscribes(group: ConsumerGroup, topicName: string): boolean {
  if (group.topicSubscribers.has(topicName)) return true
  for (const [expression, { topics }] of group.patterns) {
    if (group.patternSubscribers.has(expression) && topics.has(topicName)) return true
  }
  return false
}

/** Whether a member's expression waits to be resolved: until then it is not known what the group wants. */
export function hasUnresolvedPatterns({ patternSubscribers, patterns }: ConsumerGroup): boolean {
  for (const expression of patternSubscribers.keys()) if (!patterns.has(expression)) return true
  return false
}

/** In place of a hash: what the group is subscribed to was not looked at yet, or is nothing. */
export const TOPICS_NOT_LOOKED_AT = ZERO_BITS

/** The hash of what the group will be subscribed to. It costs a look at every topic only where the topics change. */
export function metadataHashAfter(
  group: ConsumerGroup,
  change: SubscriptionChange,
  image: MetadataImage,
): string {
  const isLookedAt = group.metadataHash !== TOPICS_NOT_LOOKED_AT
  return isLookedAt && keepsTopics(group, change)
    ? group.metadataHash
    : hashOf(subscribedTopics(group, change), image)
}

/** The hash of what the group is subscribed to, by what the image says of it now. */
export function currentMetadataHash(group: ConsumerGroup, image: MetadataImage): string {
  return hashOf(subscribedTopics(group, NO_CHANGE), image)
}

function keepsTopics(group: ConsumerGroup, { gone, come, patterns }: SubscriptionChange): boolean {
  if (patterns !== undefined) return false
  const names = countsOf(gone, come, member => member.subscribedTopicNames)
  const expressions = countsOf(gone, come, expressionsOf)
  return keepsAll(group.topicSubscribers, names) && keepsAll(group.patternSubscribers, expressions)
}

function keepsAll(
  counts: ReadonlyMap<string, number>,
  changes: ReadonlyMap<string, number>,
): boolean {
  for (const [name, by] of changes) {
    const count = counts.get(name) ?? 0
    if (count > 0 !== count + by > 0) return false
  }
  return true
}

function subscribedTopics(
  group: ConsumerGroup,
  { gone, come, patterns }: SubscriptionChange,
): ReadonlySet<string> {
  const names = countsOf(gone, come, member => member.subscribedTopicNames, group.topicSubscribers)
  const expressions = countsOf(gone, come, expressionsOf, group.patternSubscribers)
  const topics = new Set<string>()
  for (const [name, count] of names) if (count > 0) topics.add(name)
  for (const [expression, count] of expressions) {
    if (count <= 0) continue
    const resolved = patterns?.get(expression) ?? group.patterns.get(expression)
    for (const name of resolved?.topics ?? []) topics.add(name)
  }
  return topics
}

function expressionsOf(member: ConsumerMember): readonly string[] {
  const expression = expressionOf(member)
  return expression === undefined ? [] : [expression]
}

function countsOf(
  gone: readonly ConsumerMember[],
  come: readonly ConsumerMember[],
  namesOf: (member: ConsumerMember) => readonly string[],
  start: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const counts = new Map(start)
  const count = (members: readonly ConsumerMember[], by: number): void => {
    for (const member of members)
      for (const name of namesOf(member)) counts.set(name, (counts.get(name) ?? 0) + by)
  }
  count(gone, -1)
  count(come, 1)
  return counts
}

/**
 * A sum over the topics that exist, so that their order does not count; 0 without any. Kafka's hash of the same is
 * another one: to a group that the other wrote, its topics have changed once.
 */
function hashOf(topics: ReadonlySet<string>, image: MetadataImage): string {
  let high = 0
  let low = 0
  for (const name of topics) {
    const topic = image.topics.byName.get(name)
    if (topic === undefined) continue
    const hash = hashOfText(`${topic.topicId}/${name}/${topic.partitions.length}`)
    high = (high + hash.high) >>> 0
    low = (low + hash.low) >>> 0
  }
  return bitsOf(high, low)
}

/** Two 32-bit FNV-1a hashes of different bases. */
function hashOfText(text: string): { readonly high: number; readonly low: number } {
  let high = 0x811c9dc5
  let low = 0x1b873593
  for (let place = 0; place < text.length; place++) {
    const unit = text.charCodeAt(place)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul(low ^ unit ^ (high >>> 15), 0x01000193)
  }
  return { high: high >>> 0, low: low >>> 0 }
}
