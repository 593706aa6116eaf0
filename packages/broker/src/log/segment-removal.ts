/** Removing the files of segments that left the log: renamed to `.deleted` at once, unlinked after `file.delete.delay.ms`, as Kafka does. */
import { DiskError, type Timer, type World } from '../world.ts'
import type { Segment } from './segment.ts'
import { type SegmentFileKind, segmentFileName } from './segment-files.ts'

const COMPANIONS: readonly SegmentFileKind[] = [
  'index',
  'timeindex',
  'txnindex',
  'snapshot',
  'sequences',
]

export class SegmentRemoval {
  readonly #world: World
  readonly #directory: string
  readonly #timers = new Set<Timer>()

  constructor(world: World, directory: string) {
    this.#world = world
    this.#directory = directory
  }

  /** Renames the files, durably; a start finds and removes what a timer did not come to. */
  async remove(segments: readonly Segment[], delayMs: number): Promise<void> {
    // What stays must have its names on the disk before the names of the others go.
    await this.#world.disk.syncDirectory(this.#directory)
    const paths: string[] = []
    for (const segment of segments) {
      await segment.closeFile()
      // One batch file after another, the oldest first, and each before what goes with it: a crash must leave neither a hole between two
      // segments nor a segment without the producer snapshot that it begins with.
      await this.#rename(segment.baseOffset, ['log'], paths)
      await this.#world.disk.syncDirectory(this.#directory)
      await this.#rename(segment.baseOffset, COMPANIONS, paths)
    }
    await this.#world.disk.syncDirectory(this.#directory)
    this.unlinkLater(paths, delayMs)
  }

  /** Unlinks files that were renamed already. */
  unlinkLater(paths: readonly string[], delayMs: number): void {
    const timer = this.#world.clock.after(delayMs, () => {
      this.#timers.delete(timer)
      void this.#unlink(paths)
    })
    this.#timers.add(timer)
  }

  /** No timer fires any more. */
  close(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  async #rename(
    baseOffset: number,
    kinds: readonly SegmentFileKind[],
    renamed: string[],
  ): Promise<void> {
    for (const kind of kinds) {
      const path = `${this.#directory}/${segmentFileName(baseOffset, kind)}`
      try {
        await this.#world.disk.rename(path, `${path}.deleted`)
        renamed.push(`${path}.deleted`)
      } catch (error) {
        if (!(error instanceof DiskError) || error.code !== 'ENOENT') throw error
      }
    }
  }

  /** A file that stays costs space until the next start, no more. */
  async #unlink(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      try {
        await this.#world.disk.remove(path)
      } catch (error) {
        if (!(error instanceof DiskError)) throw error
        if (error.code !== 'ENOENT')
          this.#world.log.warn('A deleted segment file could not be removed.', {
            path,
            code: error.code,
          })
      }
    }
  }
}
