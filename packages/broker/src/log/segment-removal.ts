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
  #isClosed = false

  constructor(world: World, directory: string) {
    this.#world = world
    this.#directory = directory
  }

  /** Makes durable which names there are in the folder. */
  syncNames(): Promise<void> {
    return this.#world.disk.syncDirectory(this.#directory)
  }

  /** Renames the batch file, and adds its new name to `renamed`; a start finds and removes what a timer did not come to. */
  takeName(segment: Segment, renamed: string[]): Promise<void> {
    return this.#rename(segment.baseOffset, ['log'], renamed)
  }

  /** The same with the files that go with it: when its own name is gone for good, not before. */
  takeCompanions(segment: Segment, renamed: string[]): Promise<void> {
    return this.#rename(segment.baseOffset, COMPANIONS, renamed)
  }

  /** Unlinks files that were renamed already. */
  unlinkLater(paths: readonly string[], delayMs: number): void {
    if (paths.length === 0 || this.#isClosed) return
    const timer = this.#world.clock.after(delayMs, () => {
      this.#timers.delete(timer)
      void this.#unlink(paths)
    })
    this.#timers.add(timer)
  }

  /** No timer fires any more. */
  close(): void {
    this.#isClosed = true
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
