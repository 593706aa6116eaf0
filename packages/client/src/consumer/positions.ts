import { callOf } from '../cluster/ask.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { listOffsets, offsetForLeaderEpoch } from '../cluster/offsets.ts'
import type { EpochEnd, ListedOffset } from '../cluster/outcome.ts'
import { ProtocolError } from '../errors.ts'
import type { ConsumerSettings } from './options.ts'
import type { ReadPartition } from './read-partition.ts'

/** Looks up what positions mean in offsets, and whether they still hold after a change of leader. */
export class Positions {
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings

  constructor(cluster: Cluster, settings: ConsumerSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  /** Looks up the offsets that the partitions are to move to, and where they are to stop. */
  async resolve(partitions: readonly ReadPartition[]): Promise<void> {
    const generations = partitions.map(({ generation }) => generation)
    const starts = await this.#starts(partitions)
    const ends = await this.#ends(partitions)
    for (const [index, partition] of partitions.entries()) {
      const end = ends.get(partition)
      if (end?.error !== undefined) throw end.error
      if (end !== undefined) partition.endOffset ??= end.offset
      if (partition.generation !== generations[index] || partition.target === undefined) continue
      const start = starts.get(partition)
      if (start?.error !== undefined) throw start.error
      if (start === undefined) continue
      // No record is that new: the next one to be written will be the first.
      if (start.offset < 0) partition.target = 'latest'
      else partition.resolve(start.offset)
    }
  }

  async #starts(partitions: readonly ReadPartition[]): Promise<Map<ReadPartition, ListedOffset>> {
    const moving = partitions.filter(({ target }) => target !== undefined)
    const queries = moving.map(({ topic, partition, target = 'latest' }) => ({
      topic,
      partition,
      at: target,
    }))
    return this.#list(moving, queries)
  }

  async #ends(partitions: readonly ReadPartition[]): Promise<Map<ReadPartition, ListedOffset>> {
    const open = partitions.filter(({ endOffset }) => endOffset === undefined)
    const queries = open.map(({ topic, partition }) => ({
      topic,
      partition,
      at: 'latest' as const,
    }))
    return this.#list(open, queries)
  }

  async #list(
    partitions: readonly ReadPartition[],
    queries: Parameters<typeof listOffsets>[1],
  ): Promise<Map<ReadPartition, ListedOffset>> {
    if (queries.length === 0) return new Map()
    const results = await listOffsets(this.#call(), queries, this.#settings.isolationLevel)
    return new Map(
      partitions.map((partition, index) => [partition, results[index] as ListedOffset]),
    )
  }

  /**
   * KIP-320: asks a new leader where the epoch of the last record that was fetched ended. When that is before our position,
   * records that we saw are gone: an unclean change of leader lost them.
   */
  async validate(partitions: readonly ReadPartition[]): Promise<void> {
    const asked = partitions.map(partition => ({
      partition,
      generation: partition.generation,
      query: {
        topic: partition.topic,
        partition: partition.partition,
        leaderEpoch: partition.lastEpoch,
      },
      epoch: this.#cluster.partition(partition.topic, partition.partition)?.leaderEpoch ?? -1,
    }))
    const queries = asked.map(({ query }) => query)
    const results = await offsetForLeaderEpoch(this.#call(), queries).catch(ignoreUnsupported)
    for (const [index, { partition, generation, epoch }] of asked.entries()) {
      if (partition.generation !== generation) continue
      const result = results?.[index]
      if (result?.error !== undefined) throw result.error
      partition.validatedEpoch = epoch
      if (result !== undefined) this.#compare(partition, result)
    }
  }

  #compare(partition: ReadPartition, end: EpochEnd): void {
    if (end.endOffset >= partition.fetchOffset) return
    const { name, fetchOffset, lastEpoch, position } = partition
    if (end.endOffset >= position) {
      // The reader has seen none of what is gone; what is left of it has to be fetched again.
      partition.dropFetched()
      return
    }
    const fields = { ...end, position, lastEpoch }
    this.#cluster.settings.log.warn(
      'records that were read before are no longer in the log',
      fields,
    )
    if (this.#settings.autoOffsetReset === 'none') {
      const detail = `the log now ends at ${end.endOffset} for the leader epoch ${lastEpoch} of what was read`
      partition.failure = new ProtocolError(
        'OFFSET_OUT_OF_RANGE',
        `reading ${name} at ${fetchOffset}`,
        detail,
      )
      return
    }
    partition.moveTo(end.endOffset >= 0 ? end.endOffset : this.#settings.autoOffsetReset)
  }

  #call() {
    const { signal } = this.#settings
    return callOf(
      this.#cluster,
      signal === undefined ? {} : { signal },
      this.#cluster.settings.apiTimeoutMs,
    )
  }
}

/** A broker that is too old to be asked cannot tell; the fetch itself will say when the position is out of range. */
function ignoreUnsupported(error: unknown): undefined {
  if (error instanceof ProtocolError && error.error === 'UNSUPPORTED_VERSION') return undefined
  throw error
}
