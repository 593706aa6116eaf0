import type { Fetcher } from './fetcher.ts'
import type { ReadPartition } from './read-partition.ts'
import { type ConsumerBatch, ConsumerRecord } from './record.ts'

/** The most records that are handed out at once. */
const BATCH_RECORDS_MAX = 5000
/** So many records are handed out before it is asked again whether they may be. */
const RECORDS_PER_CHECK = 32

export interface RecordReaderParts {
  readonly fetcher: Fetcher
  /** Whether records may be handed out now. */
  readonly mayHandOut: () => boolean
  /** When a partition that failed is tried again, on the monotonic clock. */
  readonly retryAt: () => number
}

/** Which partitions may be taken from; undefined: all. */
export type PartitionFilter = ((partition: ReadPartition) => boolean) | undefined

/** Takes records out of what was fetched: a portion of one partition, then the others in turn. */
export class RecordReader {
  readonly #parts: RecordReaderParts
  #current: ReadPartition | undefined
  #turn = 0
  #unchecked = 0
  #from: ReadPartition | undefined
  #firstOffset = -1

  constructor(parts: RecordReaderParts) {
    this.#parts = parts
  }

  /** The next record, or undefined when there is none now. */
  nextRecord(filter?: PartitionFilter): ConsumerRecord | undefined {
    for (;;) {
      const partition = this.#choose(filter)
      if (partition === undefined) return undefined
      const record = this.#take(partition)
      if (record === undefined) continue
      this.#from = partition
      this.#firstOffset = record.offset
      return record
    }
  }

  /** The next records of one partition, or undefined when there are none now. */
  nextBatch(filter?: PartitionFilter): ConsumerBatch | undefined {
    for (;;) {
      const partition = this.#choose(filter)
      if (partition === undefined) return undefined
      const { topic, partition: number } = partition
      const highWatermark = partition.fetched[0]?.highWatermark ?? -1
      const records: ConsumerRecord[] = []
      while (records.length < BATCH_RECORDS_MAX) {
        const record = this.#takeBehind(records, partition)
        if (record === undefined) break
        records.push(record)
      }
      const [first] = records
      if (first === undefined) continue
      this.#from = partition
      this.#firstOffset = first.offset
      return { topic, partition: number, records, highWatermark }
    }
  }

  /** Asks before the next record whether it may be handed out. */
  recheck(): void {
    this.#unchecked = 0
  }

  /** Notes that what was taken last is in hand, until it is said to be handled; gives the partition. */
  handOut(): ReadPartition {
    const partition = this.#from as ReadPartition
    partition.inHand.add(this.#firstOffset)
    return partition
  }

  /** The offset of what was taken last: of its first record. */
  get firstOffset(): number {
    return this.#firstOffset
  }

  /** The partition to take from: the current one until its portion is used up, then the others in turn. */
  #choose(filter: PartitionFilter): ReadPartition | undefined {
    const current = this.#current
    if (
      current !== undefined &&
      current.fetched.length > 0 &&
      current.isReadable &&
      current.failure === undefined &&
      this.#unchecked > 0 &&
      (filter === undefined || filter(current))
    ) {
      this.#unchecked -= 1
      return current
    }
    if (!this.#parts.mayHandOut()) return undefined
    this.#unchecked = RECORDS_PER_CHECK
    const stays = current !== undefined && current.fetched.length > 0 && isOpen(current, filter)
    if (stays && current.failure === undefined) return current
    return this.#chooseOther(filter)
  }

  #chooseOther(filter: PartitionFilter): ReadPartition | undefined {
    const { partitions } = this.#parts.fetcher
    for (let tried = 0; tried < partitions.length; tried += 1) {
      this.#turn = (this.#turn + 1) % partitions.length
      const partition = partitions[this.#turn] as ReadPartition
      if (!isOpen(partition, filter)) continue
      if (partition.fetched.length > 0) {
        this.#current = partition
        return partition
      }
      this.#throwFailure(partition)
    }
    return undefined
  }

  /**
   * The next record for a batch. What cannot be read ends the batch, for what came before it has to be handed out; it is
   * fetched again, and thrown if it still stands in the way then.
   */
  #takeBehind(
    records: readonly ConsumerRecord[],
    partition: ReadPartition,
  ): ConsumerRecord | undefined {
    try {
      return this.#take(partition)
    } catch (error) {
      if (records.length === 0) throw error
      return undefined
    }
  }

  /** Takes the next record of the oldest portion; undefined when that is used up. */
  #take(partition: ReadPartition): ConsumerRecord | undefined {
    try {
      const record = partition.fetched[0]?.take()
      if (record !== undefined) return new ConsumerRecord(partition, record)
    } catch (error) {
      this.#parts.fetcher.move(partition, () => partition.dropFetched())
      throw error
    }
    this.#current = undefined
    this.#parts.fetcher.finishFetched(partition)
    return undefined
  }

  /** Throws what stands in the way of a partition. It is tried again afterwards, for a reader that goes on all the same. */
  #throwFailure(partition: ReadPartition): void {
    const { failure } = partition
    if (failure === undefined) return
    partition.failure = undefined
    partition.retryAt = this.#parts.retryAt()
    this.#parts.fetcher.pump()
    throw failure
  }
}

function isOpen(partition: ReadPartition, filter: PartitionFilter): boolean {
  return partition.isReadable && (filter === undefined || filter(partition))
}
