import type { TopicPartition } from '../../consumer/topic-partition.ts'
import {
  byText,
  type GroupAssignment,
  type GroupMember,
  type PartitionCounts,
  subscribedTopics,
} from './assignor.ts'
import { partitionKey } from './claims.ts'

/** A member while partitions are handed out: the topics it reads, and its partitions by topic. */
interface Seat {
  readonly memberId: string
  readonly topics: ReadonlySet<string>
  readonly partitions: Map<string, number[]>
  load: number
}

/**
 * Divides the partitions so that no member has two more than another that could take one of them, directly or by way of
 * others. As many as possible stay with their `owners`.
 */
export function balance(
  members: readonly GroupMember[],
  partitionCounts: PartitionCounts,
  owners: ReadonlyMap<string, string>,
): GroupAssignment {
  const seats = [...members]
    .sort((a, b) => byText(a.memberId, b.memberId))
    .map(({ memberId, topics }) => ({
      memberId,
      topics: new Set(topics),
      partitions: new Map<string, number[]>(),
      load: 0,
    }))
  const topics = subscribedTopics(members, partitionCounts)
  const readers = new Map(
    topics.map(topic => [topic, seats.filter(seat => seat.topics.has(topic))]),
  )
  const isAlike = topics.every(topic => readers.get(topic)?.length === seats.length)
  const free = keepOwned({ seats, topics, owners, partitionCounts, isAlike })
  if (isAlike) handOutEvenly(seats, free)
  else handOutByScarcity(free, readers)
  if (!isAlike) level(seats, readers)
  return new Map(seats.map(seat => [seat.memberId, partitionsOf(seat)]))
}

interface Keeping {
  readonly seats: readonly Seat[]
  readonly topics: readonly string[]
  readonly owners: ReadonlyMap<string, string>
  readonly partitionCounts: PartitionCounts
  readonly isAlike: boolean
}

/** Leaves the partitions with their owners, where all read the same only up to a fair share; gives what is left over. */
function keepOwned({ seats, topics, owners, partitionCounts, isAlike }: Keeping): TopicPartition[] {
  const all = topics.flatMap(topic =>
    Array.from({ length: partitionCounts.get(topic) ?? 0 }, (_, partition) => ({
      topic,
      partition,
    })),
  )
  const seatOf = new Map(seats.map(seat => [seat.memberId, seat]))
  const share = isAlike ? Math.floor(all.length / seats.length) : Number.POSITIVE_INFINITY
  let extras = isAlike ? all.length % seats.length : 0
  const free: TopicPartition[] = []
  const surplus: { readonly seat: Seat; readonly at: TopicPartition }[] = []
  for (const at of all) {
    const seat = seatOf.get(owners.get(partitionKey(at)) ?? '')
    if (seat === undefined) free.push(at)
    else if (seat.load < share) take(seat, at)
    else surplus.push({ seat, at })
  }
  for (const { seat, at } of surplus) {
    if (extras > 0 && seat.load === share) {
      extras -= 1
      take(seat, at)
    } else free.push(at)
  }
  return free.sort((a, b) => byText(a.topic, b.topic) || a.partition - b.partition)
}

/** In turn to those that have the least. */
function handOutEvenly(seats: readonly Seat[], free: readonly TopicPartition[]): void {
  let rest = [...free]
  while (rest.length > 0) {
    const least = seats.reduce((load, seat) => Math.min(load, seat.load), Number.POSITIVE_INFINITY)
    const hungry = seats.filter(({ load }) => load === least)
    const round = rest.slice(0, hungry.length)
    rest = rest.slice(hungry.length)
    for (const [index, at] of round.entries()) take(hungry[index] as Seat, at)
  }
}

/** The partitions that the fewest members can take first, each to the one of them that has the least. */
function handOutByScarcity(
  free: readonly TopicPartition[],
  readers: ReadonlyMap<string, readonly Seat[]>,
): void {
  const byScarcity = [...free].sort(
    (a, b) => (readers.get(a.topic)?.length ?? 0) - (readers.get(b.topic)?.length ?? 0),
  )
  for (const at of byScarcity) {
    const candidates = readers.get(at.topic) ?? []
    take(
      candidates.reduce((least, seat) => (seat.load < least.load ? seat : least)),
      at,
    )
  }
}

/** Moves partitions, one along a chain of members at a time, until no chain ends at a member with two fewer than its first. */
function level(seats: readonly Seat[], readers: ReadonlyMap<string, readonly Seat[]>): void {
  for (;;) {
    const heaviest = [...seats].sort((a, b) => b.load - a.load || byText(a.memberId, b.memberId))
    if (!heaviest.some(seat => relieve(seat, readers))) return
  }
}

/** Finds the shortest chain from `first` to a member with at least two fewer, and moves one partition along each link. */
function relieve(first: Seat, readers: ReadonlyMap<string, readonly Seat[]>): boolean {
  const cameFrom = new Map<Seat, { readonly seat: Seat; readonly topic: string }>()
  const seenTopics = new Set<string>()
  const queue = [first]
  for (let seat = queue.shift(); seat !== undefined; seat = queue.shift()) {
    if (seat.load <= first.load - 2) {
      for (let at = seat; at !== first; ) {
        const link = cameFrom.get(at) as { readonly seat: Seat; readonly topic: string }
        take(at, { topic: link.topic, partition: giveUp(link.seat, link.topic) })
        at = link.seat
      }
      return true
    }
    for (const [topic, partitions] of seat.partitions) {
      if (partitions.length === 0 || seenTopics.has(topic)) continue
      seenTopics.add(topic)
      const found = [...(readers.get(topic) ?? [])].sort((a, b) => a.load - b.load)
      for (const other of found) {
        if (other === first || cameFrom.has(other)) continue
        cameFrom.set(other, { seat, topic })
        queue.push(other)
      }
    }
  }
  return false
}

function take(seat: Seat, { topic, partition }: TopicPartition): void {
  const partitions = seat.partitions.get(topic)
  if (partitions === undefined) seat.partitions.set(topic, [partition])
  else partitions.push(partition)
  seat.load += 1
}

function giveUp(seat: Seat, topic: string): number {
  seat.load -= 1
  return seat.partitions.get(topic)?.pop() as number
}

function partitionsOf(seat: Seat): TopicPartition[] {
  return [...seat.partitions]
    .sort(([a], [b]) => byText(a, b))
    .flatMap(([topic, partitions]) =>
      partitions.sort((a, b) => a - b).map(partition => ({ topic, partition })),
    )
}
