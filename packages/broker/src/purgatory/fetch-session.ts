/**
 * What a client keeps asking for (KIP-227), and what of it changed since the last answer. The session watches its partitions
 * from the first answer on, so that an incremental fetch looks at those that changed and at no others.
 */
import type { AddedBytes, Partition } from '../replication/partition.ts'

/** One partition of a fetch, as the client last described it. */
export interface FetchPosition {
  /** The topic's name, or its id in a fetch by ids. */
  readonly topic: string
  readonly partition: number
  readonly fetchOffset: number
  readonly maxBytes: number
  readonly currentLeaderEpoch: number
  readonly lastFetchedEpoch: number
}

/** The entry of one partition in a session. */
export class SessionPartition {
  position: FetchPosition
  /** What the last answer said; -1 before the first. */
  highWatermark = -1
  logStartOffset = -1
  readonly #session: FetchSession
  #watched: Partition | undefined

  constructor(position: FetchPosition, session: FetchSession) {
    this.position = position
    this.#session = session
  }

  /** Follows the partition; a topic that was removed and made again is another partition. */
  watch(partition: Partition | undefined): void {
    if (partition === this.#watched) return
    this.#watched?.unwatch(this)
    this.#watched = partition
    partition?.watch(this)
  }

  /** Called by the partition. */
  advanced(_partition: Partition, added: AddedBytes): void {
    this.#session.changed.add(this)
    this.#session.onBytes?.(added)
  }
}

export class FetchSession {
  readonly id: number
  readonly addressing: 'names' | 'ids'
  /** The entries that the next answer has to look at, those that waited longest first. */
  readonly changed = new Set<SessionPartition>()
  /** The epoch that the next incremental request must carry. */
  expectedEpoch = 1
  usedAt: number
  /** Fed with the bytes that become readable, while a fetch of this session waits. */
  onBytes: ((added: AddedBytes) => void) | undefined
  readonly #topics = new Map<string, Map<number, SessionPartition>>()
  #size = 0

  constructor(id: number, addressing: 'names' | 'ids', now: number) {
    this.id = id
    this.addressing = addressing
    this.usedAt = now
  }

  get size(): number {
    return this.#size
  }

  /** Adds the partition, or takes its new position; either way the next answer looks at it. */
  put(position: FetchPosition): SessionPartition {
    let partitions = this.#topics.get(position.topic)
    if (partitions === undefined) this.#topics.set(position.topic, (partitions = new Map()))
    let entry = partitions.get(position.partition)
    if (entry === undefined) {
      entry = new SessionPartition(position, this)
      partitions.set(position.partition, entry)
      this.#size++
    } else entry.position = position
    this.changed.add(entry)
    return entry
  }

  forget(topic: string, partition: number): void {
    const partitions = this.#topics.get(topic)
    const entry = partitions?.get(partition)
    if (partitions === undefined || entry === undefined) return
    entry.watch(undefined)
    this.changed.delete(entry)
    partitions.delete(partition)
    if (partitions.size === 0) this.#topics.delete(topic)
    this.#size--
  }

  /** The metadata changed: leaders, topics and permissions may be others. */
  touchAll(): void {
    for (const partitions of this.#topics.values())
      for (const entry of partitions.values()) this.changed.add(entry)
  }

  /** KIP-227: after the largest epoch comes 1; 0 and -1 have meanings of their own. */
  nextEpoch(): void {
    this.expectedEpoch = this.expectedEpoch === 0x7fffffff ? 1 : this.expectedEpoch + 1
  }

  close(): void {
    for (const partitions of this.#topics.values())
      for (const entry of partitions.values()) entry.watch(undefined)
    this.#topics.clear()
    this.changed.clear()
    this.#size = 0
  }
}
