import type { Cluster } from '../cluster/cluster.ts'
import { ConfigError } from '../errors.ts'
import type { Fetcher } from './fetcher.ts'
import type { ConsumerSettings, StartPosition } from './options.ts'
import { ReadPartition } from './read-partition.ts'
import type { TopicPartition } from './topic-partition.ts'

export interface AssignedPartitionsParts {
  readonly cluster: Cluster
  readonly fetcher: Fetcher
  readonly settings: ConsumerSettings
  /** Looks up what a group has committed of a partition; undefined without a group. */
  readonly load: ((partition: ReadPartition) => void) | undefined
}

/** The partitions of a consumer that was told what to read, rather than being given them by a group. */
export class AssignedPartitions {
  readonly #parts: AssignedPartitionsParts

  constructor(parts: AssignedPartitionsParts) {
    this.#parts = parts
  }

  /** Looks the topics up and begins with their partitions; takes along those that appear later. */
  async begin(): Promise<void> {
    const { cluster, settings } = this.#parts
    const { topics, assignments, signal } = settings
    const names = new Set([...topics, ...assignments.map(({ topic }) => topic)])
    for (const name of names) cluster.track(name)
    const known = await Promise.all(
      [...names].map(name => cluster.topic(name, signal === undefined ? {} : { signal })),
    )
    for (const { topic, partition, offset } of assignments) {
      const count = known.find(({ name }) => name === topic)?.partitions.length ?? 0
      if (partition >= count) {
        throw new ConfigError(
          `assignments: topic ${topic} has ${count} partitions; there is no partition ${partition}`,
        )
      }
      if (offset === undefined && this.#parts.load !== undefined) this.#load({ topic, partition })
      else this.#add({ topic, partition }, offset ?? settings.startAt)
    }
    this.#addPartitions(settings.startAt)
    cluster.onImage(() => this.#addPartitions('earliest'))
  }

  /** Adds the partitions of `topics` that are not read yet. Ones that appear later are new, so nothing of them is missed. */
  #addPartitions(startAt: StartPosition | undefined): void {
    const { cluster, fetcher, settings } = this.#parts
    for (const topic of settings.topics) {
      const image = cluster.image.topics.get(topic)
      for (const { partition } of image?.partitions ?? []) {
        const isRead = fetcher.partitions.some(
          read => read.topic === topic && read.partition === partition,
        )
        if (!isRead) this.#add({ topic, partition }, startAt)
      }
    }
  }

  #add(at: TopicPartition, startAt: StartPosition | undefined): void {
    const { autoOffsetReset } = this.#parts.settings
    if (startAt === undefined && autoOffsetReset === 'none') {
      throw new ConfigError(
        `autoOffsetReset is none and ${at.topic}-${at.partition} has no offset to begin at`,
      )
    }
    this.#read(new ReadPartition(at, startAt ?? (autoOffsetReset as 'earliest' | 'latest')))
  }

  #load(at: TopicPartition): void {
    const partition = new ReadPartition(at, 'latest')
    partition.awaitsOffset = true
    this.#read(partition)
    this.#parts.load?.(partition)
  }

  #read(partition: ReadPartition): void {
    const { fetcher, settings } = this.#parts
    if (!settings.stopAtEnd) partition.endOffset = Number.POSITIVE_INFINITY
    fetcher.add(partition)
  }
}
