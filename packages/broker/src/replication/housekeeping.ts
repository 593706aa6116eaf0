/** What is done for all logs from time to time: retention, compaction, scrubbing, checkpoints, forgetting idle producers, removing deleted folders. */
import type { LogLimits, ScrubLimits } from '../log/log-limits.ts'
import type { LogTools } from '../log/log-tools.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { ProducerQuota } from '../log/producer-quota.ts'
import { DiskError, type Timer, type World } from '../world.ts'
import type { CheckpointedLog, Checkpoints } from './checkpoints.ts'
import { Compactor } from './compactor.ts'
import type { Partition } from './partition.ts'
import { Scrubber } from './scrubber.ts'

/** The first look comes soon after the start, as Kafka's `log.initial.task.delay.ms`. */
const FIRST_DELAY_MS = 30_000
/** How soon a broker that is not to scrub is asked again whether it is. */
const SCRUB_SWITCH_MS = 60_000
const NO_SCRUBBING: ScrubLimits = { bytesPerSecondMax: 0, intervalMs: SCRUB_SWITCH_MS }

export interface HousekeepingOptions {
  readonly world: World
  readonly limits: LogLimits
  readonly quota: ProducerQuota
  readonly checkpoints: Checkpoints
  /** All logs that the checkpoints speak of: more than those that are open. */
  readonly checkpointed: () => Iterable<CheckpointedLog>
  readonly tools: Pick<LogTools, 'codecs' | 'crc32c'>
}

export class Housekeeping {
  readonly #options: HousekeepingOptions
  readonly #partitions: () => Iterable<Partition>
  readonly #timers = new Map<string, Timer>()
  readonly #running = new Set<Promise<void>>()
  readonly #compactor: Compactor
  readonly #scrubber: Scrubber
  /** The partition whose segments are being deleted at this moment. */
  #retaining: { readonly partition: Partition; readonly done: Promise<void> } | undefined
  #isClosed = false

  constructor(options: HousekeepingOptions, partitions: () => Iterable<Partition>) {
    this.#options = options
    this.#partitions = partitions
    const { limits, world, checkpoints, checkpointed } = options
    this.#compactor = new Compactor({
      tools: { ...options.tools, world },
      ...{ limits, checkpoints, checkpointed, partitions },
      whenIdle: async partition => {
        if (this.#retaining?.partition === partition) await this.#retaining.done
      },
    })
    const scrubbing = () => limits.scrubbing ?? NO_SCRUBBING
    this.#scrubber = new Scrubber({
      ...{ world, crc32c: options.tools.crc32c, partitions, limits: scrubbing },
      isCleaning: partition => this.#compactor.isCleaning(partition),
    })
    this.#repeat(
      'retention',
      () => limits.retentionCheckIntervalMs,
      () => this.#retainAll(),
    )
    this.#repeat(
      'checkpoints',
      () => limits.checkpointIntervalMs,
      () => checkpoints.writeAll(checkpointed()),
    )
    this.#repeat(
      'producers',
      () => limits.producerIdExpirationCheckIntervalMs,
      async () => this.#expireProducers(),
    )
    this.#repeat(
      'compaction',
      () => limits.compaction.backoffMs,
      () => this.#compactor.run(),
    )
    this.#repeat(
      'scrubbing',
      () => (scrubbing().bytesPerSecondMax > 0 ? scrubbing().intervalMs : SCRUB_SWITCH_MS),
      () => this.#scrubber.run(),
    )
  }

  /** Resolves when nothing is being done for the partition; nothing is begun for one that is not in the directory any more. */
  async idle(partition: Partition): Promise<void> {
    if (this.#retaining?.partition === partition) await this.#retaining.done
    await this.#compactor.stop(partition)
  }

  /** Removes a folder after a while; a start removes it if this one does not come to it. */
  removeLater(path: string, delayMs: number): void {
    const timer = this.#options.world.clock.after(delayMs, () => {
      this.#timers.delete(path)
      this.#run('removal', () => this.#options.world.disk.removeDirectory(path))
    })
    this.#timers.set(path, timer)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#compactor.close()
    this.#scrubber.close()
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    await Promise.all(this.#running)
  }

  #repeat(name: string, intervalMs: () => number, work: () => Promise<void>): void {
    const schedule = (delayMs: number): void => {
      if (this.#isClosed) return
      this.#timers.set(
        name,
        this.#options.world.clock.after(delayMs, () =>
          this.#run(name, work, () => schedule(intervalMs())),
        ),
      )
    }
    schedule(Math.min(intervalMs(), FIRST_DELAY_MS))
  }

  /** A failure of the disk is told and the work is tried again at its next time: nothing that was acknowledged depends on it. */
  #run(name: string, work: () => Promise<void>, next?: () => void): void {
    const done = work()
      .catch((error: unknown) => this.#tell(name, error))
      .catch((error: unknown) => this.#options.world.fail(error as Error))
      .then(() => {
        this.#running.delete(done)
        next?.()
      })
    this.#running.add(done)
  }

  #tell(work: string, error: unknown): void {
    if (!(error instanceof DiskError)) throw error
    const { path, code } = error
    this.#options.world.log.warn('Some housekeeping of the logs could not be done.', {
      ...{ work, path, code },
    })
  }

  /** A log that fails keeps what it has; the others are looked after all the same. */
  async #retainAll(): Promise<void> {
    for (const partition of [...this.#partitions()]) {
      if (this.#isClosed) return
      const { log } = partition
      // What is being cleaned has its turn next time.
      if (log === undefined || this.#compactor.isCleaning(partition)) continue
      const done = this.#tend(log, partition.highWatermark)
      this.#retaining = { partition, done: done.catch(() => undefined) }
      try {
        await done
      } catch (error) {
        this.#tell('retention', error)
      } finally {
        this.#retaining = undefined
      }
    }
  }

  async #tend(log: PartitionLog, highWatermark: number): Promise<void> {
    await log.retain(this.#options.world.clock.now(), highWatermark)
    if (!log.isClosedOrOffline) await log.segments.releaseIdle()
  }

  #expireProducers(): void {
    this.#options.quota.nextSweep()
    for (const { log } of this.#partitions()) log?.expireProducers()
  }
}
