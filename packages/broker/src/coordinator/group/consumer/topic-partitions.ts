/** Partitions of topics by topic id; the partition numbers of a topic ascend, and a topic without any is not listed. */
export type TopicPartitions = ReadonlyMap<string, readonly number[]>

/** The same as the protocol lists it. */
export type ListedPartitions = readonly {
  readonly topicId: string
  readonly partitions: readonly number[]
}[]

export const NO_PARTITIONS: TopicPartitions = new Map()

export function fromListed(listed: ListedPartitions): TopicPartitions {
  const byTopic = new Map<string, Set<number>>()
  for (const { topicId, partitions } of listed) {
    const all = byTopic.get(topicId) ?? new Set()
    for (const partition of partitions) all.add(partition)
    if (all.size > 0) byTopic.set(topicId, all)
  }
  return new Map([...byTopic].map(([topicId, all]) => [topicId, [...all].sort(ascending)]))
}

export function toListed(partitions: TopicPartitions): { topicId: string; partitions: number[] }[] {
  return [...partitions].map(([topicId, numbers]) => ({ topicId, partitions: [...numbers] }))
}

export function samePartitions(one: TopicPartitions, other: TopicPartitions): boolean {
  if (one === other) return true
  if (one.size !== other.size) return false
  for (const [topicId, numbers] of one) {
    const others = other.get(topicId)
    if (others === undefined || others.length !== numbers.length) return false
    if (numbers.some((number, place) => number !== others[place])) return false
  }
  return true
}

/** What is in either. */
export function joinedPartitions(one: TopicPartitions, other: TopicPartitions): TopicPartitions {
  if (other.size === 0) return one
  const both = new Map(one)
  for (const [topicId, numbers] of other) {
    both.set(topicId, [...(one.get(topicId) ?? []), ...numbers].sort(ascending))
  }
  return both
}

/** Whether all that is listed is among the partitions. */
export function isWithin(listed: ListedPartitions, partitions: TopicPartitions): boolean {
  const has = membershipIn(partitions)
  return listed.every(({ topicId, partitions: numbers }) =>
    numbers.every(number => has(topicId, number)),
  )
}

/** Whether something that is listed is among the partitions. */
export function overlaps(listed: ListedPartitions, partitions: TopicPartitions): boolean {
  const has = membershipIn(partitions)
  return listed.some(({ topicId, partitions: numbers }) =>
    numbers.some(number => has(topicId, number)),
  )
}

/** Looks at each topic's partitions once, however often a client lists the topic. */
function membershipIn(
  partitions: TopicPartitions,
): (topicId: string, partition: number) => boolean {
  const sets = new Map<string, ReadonlySet<number>>()
  return (topicId, partition) => {
    let numbers = sets.get(topicId)
    if (numbers === undefined) sets.set(topicId, (numbers = new Set(partitions.get(topicId))))
    return numbers.has(partition)
  }
}

export function ascending(one: number, other: number): number {
  return one - other
}
