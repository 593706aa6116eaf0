/**
 * Who reads what, with members and topics as numbers. Members subscribed alike form a class and topics with the same
 * subscribers a pool, so that a group of one subscription is one pool however many topics it reads, and a mixed one
 * costs what its mixture costs.
 */

import type { Sliced, SliceSteps } from '../slices.ts'
import type { GroupSpec, MemberSpec } from './group-spec.ts'

/** Topics that the same members are subscribed to. */
export interface Pool {
  /** Indexes of topics, ascending. */
  readonly topics: readonly number[]
  /** Indexes of members, ascending; never empty. */
  readonly subscribers: readonly number[]
}

export interface Subscriptions {
  /** The members in the order that was asked for; an index in this list stands for the member. */
  readonly memberIds: readonly string[]
  readonly members: readonly MemberSpec[]
  /** The topics that exist, by id ascending; an index in this list stands for the topic. */
  readonly topicIds: readonly string[]
  readonly topicIndexes: ReadonlyMap<string, number>
  readonly partitionCounts: readonly number[]
  /** The members of each subscription, in their order. */
  readonly classes: readonly (readonly number[])[]
  readonly pools: readonly Pool[]
}

/** Sorts out the subscriptions of the group. `memberIds` is the order in which its members count. */
export function* subscriptionsOf(
  spec: GroupSpec,
  memberIds: readonly string[],
  steps: SliceSteps,
): Sliced<Subscriptions> {
  const topicIds = [...spec.topics.keys()].sort()
  const topicIndexes = new Map(topicIds.map((id, index) => [id, index]))
  const members = memberIds.flatMap(id => spec.members.get(id) ?? [])
  const classes = yield* classesOf(members, topicIndexes, steps)
  return {
    memberIds,
    members,
    topicIds,
    topicIndexes,
    partitionCounts: topicIds.map(id => spec.topics.get(id)?.partitions ?? 0),
    classes: classes.map(({ members }) => members),
    pools: yield* poolsOf(classes, topicIds.length, steps),
  }
}

/** The members of one subscription. */
interface SubscriptionClass {
  readonly topics: Int32Array
  readonly members: number[]
}

function* classesOf(
  members: readonly MemberSpec[],
  topicIndexes: ReadonlyMap<string, number>,
  steps: SliceSteps,
): Sliced<readonly SubscriptionClass[]> {
  const bySet = new Map<ReadonlySet<string>, SubscriptionClass>()
  const byTopics = new Map<string, SubscriptionClass>()
  for (const [index, { subscribedTopicIds }] of members.entries()) {
    let found = bySet.get(subscribedTopicIds)
    if (found === undefined) {
      if (steps.spend(subscribedTopicIds.size)) yield
      const topics = indexesOf(subscribedTopicIds, topicIndexes)
      const key = topics.join()
      found = byTopics.get(key) ?? { topics, members: [] }
      byTopics.set(key, found)
      bySet.set(subscribedTopicIds, found)
    }
    found.members.push(index)
  }
  return [...byTopics.values()]
}

function indexesOf(ids: ReadonlySet<string>, indexes: ReadonlyMap<string, number>): Int32Array {
  const known: number[] = []
  for (const id of ids) {
    const index = indexes.get(id)
    if (index !== undefined) known.push(index)
  }
  return Int32Array.from(known).sort()
}

function* poolsOf(
  classes: readonly SubscriptionClass[],
  topicCount: number,
  steps: SliceSteps,
): Sliced<readonly Pool[]> {
  const classesByTopic: number[][] = Array.from({ length: topicCount }, () => [])
  for (const [index, { topics }] of classes.entries()) {
    for (const topic of topics) classesByTopic[topic]?.push(index)
    if (steps.spend(topics.length)) yield
  }
  const topicsByClasses = new Map<string, number[]>()
  for (const [topic, subscribed] of classesByTopic.entries()) {
    if (steps.spend(subscribed.length)) yield
    if (subscribed.length === 0) continue
    const key = subscribed.join()
    const topics = topicsByClasses.get(key)
    if (topics === undefined) topicsByClasses.set(key, [topic])
    else topics.push(topic)
  }
  const pools: Pool[] = []
  for (const topics of topicsByClasses.values()) {
    const subscribed = classesByTopic[topics[0] ?? 0] ?? []
    const subscribers = subscribed.flatMap(index => classes[index]?.members ?? [])
    if (steps.spend(subscribers.length)) yield
    pools.push({ topics, subscribers: subscribers.sort((one, other) => one - other) })
  }
  return pools
}
