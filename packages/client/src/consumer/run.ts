import type { ChangeSignal } from '../change-signal.ts'
import { asError } from '../errors.ts'
import type { InHand } from './in-hand.ts'
import type { ReadPartition } from './read-partition.ts'
import type { ConsumerBatch, ConsumerRecord } from './record.ts'
import type { PartitionFilter, RecordReader } from './record-reader.ts'
import type { RunSettings } from './run-options.ts'

/** How far beyond the oldest record that is not handled a partition is read, so that other keys can go on. */
const AHEAD_MAX = 1000

/** What a run needs of its consumer. */
export interface Runner {
  readonly reader: RecordReader
  /** Fired when there may be something to take. */
  readonly changed: ChangeSignal
  /** Nothing new is to begin. */
  readonly isClosing: () => boolean
  /** Nobody waits for handlers any more. */
  readonly isClosed: () => boolean
  /** Everything that was to be read was handed out. */
  readonly isAtEnd: () => boolean
  /** Throws what ended the reading. */
  readonly check: () => void
  /** Something was handled, or will not be. */
  readonly noteHandled: () => void
  /** Goes back to the first record that was not handled, for whoever reads next. */
  readonly rewind: () => void
}

interface Work {
  readonly partition: ReadPartition
  /** What it was noted in: that of the partition is another one after a seek. */
  readonly inHand: InHand
  readonly offset: number
  readonly handle: () => unknown
}

/**
 * Hands records to handlers, several at once, and keeps the order of what belongs together: a lane is a partition, or a key
 * of one, and has one handler at work. Nothing is taken from a partition whose lane is busy, so the memory stays bounded by
 * what was fetched.
 */
export class Run {
  readonly #runner: Runner
  readonly #settings: RunSettings
  /** What waits in lanes that are busy. A lane is here as long as it is. */
  readonly #lanes = new Map<unknown, Work[]>()
  readonly #busyPartitions = new Set<ReadPartition>()
  #atWork = 0
  #queued = 0
  #failure: Error | undefined

  constructor(runner: Runner, settings: RunSettings) {
    this.#runner = runner
    this.#settings = settings
  }

  /** Whether no handler is at work. */
  get isIdle(): boolean {
    return this.#atWork === 0
  }

  /** Runs until the consumer is closed, reaches its end, the signal stops it, or something fails, which is thrown. */
  async untilDone(): Promise<void> {
    const { changed } = this.#runner
    const wake = () => changed.fire()
    this.#settings.signal?.addEventListener('abort', wake, { once: true })
    try {
      while (!this.#isEnding()) {
        this.#runner.check()
        if (this.#fill()) continue
        if (this.#runner.isAtEnd() && this.#atWork === 0) break
        await changed.next()
      }
    } catch (error) {
      this.#failure ??= asError(error)
    }
    this.#dropQueued()
    while (this.#atWork > 0 && !this.#runner.isClosed()) await changed.next()
    this.#settings.signal?.removeEventListener('abort', wake)
    this.#runner.rewind()
    if (this.#failure !== undefined) throw this.#failure
  }

  #isEnding(): boolean {
    return (
      this.#failure !== undefined ||
      this.#settings.signal?.aborted === true ||
      this.#runner.isClosing()
    )
  }

  /** Starts what can start now; false when nothing could. */
  #fill(): boolean {
    if (this.#atWork >= this.#settings.concurrency || this.#queued >= AHEAD_MAX) return false
    return this.#settings.eachBatch === undefined ? this.#nextRecord() : this.#nextBatch()
  }

  #nextRecord(): boolean {
    const { eachRecord, orderBy } = this.#settings
    const filter: PartitionFilter =
      orderBy === 'partition'
        ? partition => !this.#busyPartitions.has(partition)
        : partition => partition.inHand.length < AHEAD_MAX
    const record = this.#runner.reader.nextRecord(filter)
    if (record === undefined) return false
    const partition = this.#runner.reader.handOut()
    const signal = partition.ended
    const lane = orderBy === 'partition' ? partition : keyLane(partition, record)
    const handle = () => eachRecord?.(record, { signal })
    this.#begin(lane, { partition, inHand: partition.inHand, offset: record.offset, handle })
    return true
  }

  #nextBatch(): boolean {
    const { reader } = this.#runner
    const batch: ConsumerBatch | undefined = reader.nextBatch(
      partition => !this.#busyPartitions.has(partition),
    )
    if (batch === undefined) return false
    const partition = reader.handOut()
    const signal = partition.ended
    const handle = () => this.#settings.eachBatch?.(batch, { signal })
    const { inHand } = partition
    this.#begin(partition, { partition, inHand, offset: reader.firstOffset, handle })
    return true
  }

  #begin(lane: unknown, work: Work): void {
    const waiting = this.#lanes.get(lane)
    if (waiting !== undefined) {
      waiting.push(work)
      this.#queued += 1
      return
    }
    const result = this.#start(work)
    if (!(result instanceof Promise)) return
    this.#lanes.set(lane, [])
    this.#atWork += 1
    if (this.#settings.orderBy === 'partition') this.#busyPartitions.add(work.partition)
    this.#finish(lane, work, result)
  }

  /** Handles it; what a handler that needs no time has done is done. */
  #start(work: Work): Promise<unknown> | undefined {
    try {
      const result = work.handle()
      if (isThenable(result)) return Promise.resolve(result)
      this.#handled(work)
    } catch (error) {
      this.#failed(work, error)
    }
    return undefined
  }

  #handled({ inHand, offset }: Work): void {
    inHand.handled(offset)
    this.#runner.noteHandled()
  }

  #failed({ partition, inHand, offset }: Work, error: unknown): void {
    inHand.abandon(offset)
    // What a handler does when its partition was taken away is of no consequence.
    if (!partition.ended.aborted) this.#failure ??= asError(error)
    this.#runner.noteHandled()
  }

  #finish(lane: unknown, work: Work, result: Promise<unknown>): void {
    result
      .then(
        () => this.#handled(work),
        (error: unknown) => this.#failed(work, error),
      )
      .finally(() => this.#next(lane, work.partition))
  }

  /** The lane is free: what waits in it goes on, unless it lost its partition. */
  #next(lane: unknown, partition: ReadPartition): void {
    const waiting = this.#lanes.get(lane)
    for (let work = waiting?.shift(); work !== undefined; work = waiting?.shift()) {
      this.#queued -= 1
      if (work.partition.isHeld || this.#isEnding()) {
        this.#drop(work)
        continue
      }
      const result = this.#start(work)
      if (result === undefined) continue
      this.#finish(lane, work, result)
      return
    }
    this.#lanes.delete(lane)
    this.#busyPartitions.delete(partition)
    this.#atWork -= 1
    this.#runner.changed.fire()
  }

  #dropQueued(): void {
    for (const waiting of this.#lanes.values()) {
      for (const work of waiting) this.#drop(work)
      this.#queued -= waiting.length
      waiting.length = 0
    }
  }

  #drop({ inHand, offset }: Work): void {
    inHand.abandon(offset)
    this.#runner.noteHandled()
  }
}

function isThenable(result: unknown): result is PromiseLike<unknown> {
  return typeof result === 'object' && result !== null && 'then' in result
}

/** Records without a key belong to nobody, so each has a lane of its own. */
function keyLane(partition: ReadPartition, record: ConsumerRecord): unknown {
  const { key } = record
  return key === null ? record : `${partition.name} ${key.toString('latin1')}`
}
