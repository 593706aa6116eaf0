/** Chooses the logs that compaction cleans, the dirtiest first, and cleans one at a time. */
import { CompressionError, CorruptRecordsError } from '@varve/protocol'
import { type Cleaning, cleanLog } from '../log/compaction/clean-log.ts'
import { type CleanableRange, cleanableRange } from '../log/compaction/cleanable-range.ts'
import type { CompactionLimits } from '../log/compaction/compaction-limits.ts'
import { CleaningStopped, Pace } from '../log/compaction/pace.ts'
import type { LoadTools } from '../log/log-tools.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { DiskError } from '../world.ts'
import type { CheckpointedLog, Checkpoints } from './checkpoints.ts'
import type { Partition } from './partition.ts'

export interface CompactorOptions {
  readonly tools: Pick<LoadTools, 'world' | 'codecs' | 'crc32c'>
  readonly limits: { readonly compaction: CompactionLimits }
  readonly checkpoints: Checkpoints
  readonly checkpointed: () => Iterable<CheckpointedLog>
  readonly partitions: () => Iterable<Partition>
  /** Resolves when nobody else takes segments out of the partition's log. */
  readonly whenIdle: (partition: Partition) => Promise<void>
}

interface Candidate {
  readonly partition: Partition
  readonly log: PartitionLog
  readonly range: CleanableRange
}

/** What is being cleaned at this moment. */
interface Work {
  readonly partition: Partition
  done: Promise<unknown>
  isStopped: boolean
}

export class Compactor {
  readonly #options: CompactorOptions
  /** Logs that could not be cleaned for damage: not before the next start. */
  readonly #uncleanable = new WeakSet<PartitionLog>()
  #work: Work | undefined
  #isClosed = false

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  /** Whether segments of the partition's log are being replaced, so that nobody may take some away. */
  isCleaning(partition: Partition): boolean {
    return this.#work?.partition === partition
  }

  /** Cleans until nothing is dirty enough. Rejects with a `DiskError`. */
  async run(): Promise<void> {
    while (!this.#isClosed && this.#options.limits.compaction.isEnabled) {
      const dirtiest = await this.#dirtiest()
      if (dirtiest === undefined || this.#isClosed) return
      await this.#clean(dirtiest)
    }
  }

  /** Ends the cleaning of the partition, if it is the one. */
  async stop(partition: Partition): Promise<void> {
    const work = this.#work
    if (work?.partition !== partition) return
    work.isStopped = true
    await work.done.catch(() => undefined)
  }

  /** Nothing is cleaned any more; what was begun ends soon. */
  close(): void {
    this.#isClosed = true
  }

  async #dirtiest(): Promise<Candidate | undefined> {
    let dirtiest: Candidate | undefined
    for (const partition of [...this.#options.partitions()]) {
      const candidate = await this.#candidate(partition)
      if (candidate === undefined) continue
      if (candidate.range.dirtyRatio > (dirtiest?.range.dirtyRatio ?? -1)) dirtiest = candidate
    }
    return dirtiest
  }

  async #candidate(partition: Partition): Promise<Candidate | undefined> {
    const { log } = partition
    if (log === undefined || log.isClosedOrOffline || this.#uncleanable.has(log)) return undefined
    const { settings } = log
    if (!settings.cleanupPolicy.includes('compact') || log.segments.all.length < 2) return undefined
    const known = this.#options.checkpoints.of(partition).cleanedTo
    const range = await cleanableRange({
      segments: log.segments.all,
      settings,
      logStartOffset: log.logStartOffset,
      logEndOffset: log.logEndOffset,
      lastStableOffset: partition.lastStableOffset,
      recoveryPoint: log.cleanableTo,
      cleanedTo: known > 0 ? known : undefined,
      now: this.#options.tools.world.clock.now(),
    })
    const isDue = range.isOverdue || range.dirtyRatio > settings.minCleanableDirtyRatio
    return range.dirtyBytes > 0 && isDue ? { partition, log, range } : undefined
  }

  async #clean(candidate: Candidate): Promise<void> {
    const { partition, log } = candidate
    const work: Work = { partition, isStopped: false, done: Promise.resolve() }
    this.#work = work
    work.done = this.#cleanOne(candidate, work)
    try {
      await work.done
    } catch (error) {
      this.#failed(log, error)
    } finally {
      this.#work = undefined
    }
  }

  async #cleanOne({ partition, log, range }: Candidate, work: Work): Promise<void> {
    const { tools, limits, checkpoints, checkpointed, whenIdle } = this.#options
    await whenIdle(partition)
    await checkpoints.requireRecoveryPoint(partition, range.endOffset, checkpointed)
    const { clock } = tools.world
    const startedAt = clock.monotonic()
    const pace = new Pace(
      clock,
      () => limits.compaction.bytesPerSecondMax,
      () => this.#isClosed || work.isStopped || log.isClosedOrOffline,
    )
    const cleaning = await cleanLog(log, range, { log: tools, limits: limits.compaction, pace })
    await checkpoints.cleaned(partition, cleaning.cleanedTo, checkpointed)
    this.#tell(log, cleaning, clock.monotonic() - startedAt)
  }

  #tell(log: PartitionLog, cleaning: Cleaning, tookMs: number): void {
    this.#options.tools.world.log.info('A log was compacted.', {
      directory: log.identity.directory,
      ...cleaning,
      tookMs: Math.round(tookMs),
    })
  }

  #failed(log: PartitionLog, error: unknown): void {
    if (error instanceof CleaningStopped) return
    const { directory } = log.identity
    const isDamage = error instanceof CorruptRecordsError || error instanceof CompressionError
    const isPassing = error instanceof DiskError && error.isPassing
    if (!isDamage && !(error instanceof DiskError)) throw error
    if (!isPassing) this.#uncleanable.add(log)
    const message = isPassing
      ? 'A log could not be compacted now.'
      : 'A log could not be compacted, and is left alone until the next start.'
    this.#options.tools.world.log.error(message, { directory, reason: error.message })
    if (isPassing) throw error
  }
}
