/** Reads all logs again, slowly and over and over, so that what rots on the disk is found while there still is a copy of it. */
import type { Crc32c } from '@varve/protocol'
import { noteDamage } from '../log/damage-note.ts'
import { damagedLog } from '../log/load-options.ts'
import type { ScrubLimits } from '../log/log-limits.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { Segment } from '../log/segment.ts'
import { ScrubPace } from '../log/verify/scrub-pace.ts'
import { type DamagedBatch, scrubSegment } from '../log/verify/scrub-segment.ts'
import { DiskError, type World } from '../world.ts'
import type { Partition } from './partition.ts'

export interface ScrubberOptions {
  readonly world: World
  readonly crc32c: Crc32c
  readonly limits: () => ScrubLimits
  readonly partitions: () => Iterable<Partition>
  /** Whether segments of the partition's log are being replaced, so that nothing may be said of what they held. */
  readonly isCleaning: (partition: Partition) => boolean
}

/** How soon a partition is looked at again that was being compacted. */
const CLEANING_MS = 1000

export class Scrubber {
  readonly #options: ScrubberOptions
  readonly #pace: ScrubPace
  /** With which partition a round begins, as a share of all: a broker that is often restarted comes to all of them at some time. */
  readonly #startShare: number

  constructor(options: ScrubberOptions) {
    this.#options = options
    const { clock, random } = options.world
    this.#pace = new ScrubPace(clock, () => Math.max(1, options.limits().bytesPerSecondMax))
    this.#startShare = random.below(1024) / 1024
  }

  get #isOff(): boolean {
    return this.#pace.isStopped || this.#options.limits().bytesPerSecondMax <= 0
  }

  /** Reads every log once. Rejects with a `DiskError` when a damage could not be written down. */
  async run(): Promise<void> {
    const all = [...this.#options.partitions()]
    const first = Math.floor(this.#startShare * all.length)
    for (const partition of [...all.slice(first), ...all.slice(0, first)]) {
      if (this.#isOff) return
      if (partition.log !== undefined) await this.#scrubLog(partition, partition.log)
    }
  }

  /** Ends the round, at once. */
  close(): void {
    this.#pace.stop()
  }

  async #scrubLog(partition: Partition, log: PartitionLog): Promise<void> {
    for (const segment of log.segments.all) {
      if (this.#isOff || log.isClosedOrOffline) return
      await this.#scrubSegment(partition, log, segment)
    }
  }

  /** What is found is read again, for a read can fail too, and counts only if the segment is still a part of the log then. */
  async #scrubSegment(partition: Partition, log: PartitionLog, segment: Segment): Promise<void> {
    if ((await this.#look(log, segment)) === undefined) return
    while (this.#options.isCleaning(partition) && !this.#isOff) await this.#pace.wait(CLEANING_MS)
    const damage = await this.#look(log, segment)
    if (damage !== undefined) return await this.#takeOffline(log, segment, damage)
    if (!this.#isGone(log, segment))
      this.#options.world.log.warn('A segment was read wrong, and right when it was read again.', {
        path: segment.path,
      })
  }

  #isGone(log: PartitionLog, segment: Segment): boolean {
    return this.#isOff || log.isClosedOrOffline || !log.segments.keeps(segment)
  }

  /** What is wrong in the segment now; undefined also when it has left the log meanwhile. */
  async #look(log: PartitionLog, segment: Segment): Promise<DamagedBatch | undefined> {
    const found = await this.#read(log, segment)
    return this.#isGone(log, segment) ? undefined : found
  }

  async #read(log: PartitionLog, segment: Segment): Promise<DamagedBatch | undefined> {
    // One that nothing was written to has no file yet.
    if (segment.sizeBytes === 0 || this.#isGone(log, segment)) return undefined
    const { segments, recoveryPoint } = log
    const next = segments.all[segments.all.indexOf(segment) + 1]
    const { path, baseOffset, sizeBytes } = segment
    const { world, crc32c } = this.#options
    const stopped = new ScrubStopped()
    this.#pace.begin()
    try {
      return await scrubSegment(
        {
          ...{ path, baseOffset, sizeBytes },
          endOffset: next?.baseOffset ?? log.logEndOffset,
          durableTo: Math.min(recoveryPoint, next?.baseOffset ?? recoveryPoint),
        },
        {
          ...{ disk: world.disk, crc32c },
          spend: async bytes => {
            await this.#pace.spend(bytes)
            if (this.#isGone(log, segment)) throw stopped
          },
        },
      )
    } catch (error) {
      if (error === stopped) return undefined
      if (!(error instanceof DiskError)) throw error
      if (error.isShortOfFiles) return undefined
      return { position: 0, offset: baseOffset, about: `it cannot be read: ${error.code}` }
    }
  }

  /** As recovery does with corruption (L5): the bytes stay as they are, and the next start knows of it, whatever stop comes before. */
  async #takeOffline(log: PartitionLog, segment: Segment, damage: DamagedBatch): Promise<void> {
    const { directory } = log.identity
    const { disk, log: lines } = this.#options.world
    const { recoveryPoint } = log
    const { position, offset, about } = damage
    lines.error(
      'A durable record batch is damaged: its partition goes offline, its files are left as they are.',
      { ...{ directory, path: segment.path, position, offset }, reason: about },
    )
    const error = damagedLog(directory)
    log.storageFailed(error)
    await noteDamage(disk, directory, {
      ...{ error, durableEnd: recoveryPoint, recoveryPoint: segment.baseOffset },
    })
  }
}

/** The segment is of no interest any more, or the broker stops. */
class ScrubStopped extends Error {
  override readonly name = 'ScrubStopped'
}
