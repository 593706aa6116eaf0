import { clearDamageNote } from '../log/damage-note.ts'
import type { LogIdentity } from '../log/log-state.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import { type Disk, DiskError } from '../world.ts'

/** The recovery point of a log, as its file says it. */
export interface WrittenPoint {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Undefined before anybody uses the log. */
  readonly log: { readonly isOffline: boolean } | undefined
}

/**
 * The notes of damage beside logs that were looked through since, and found whole. A note is all that says how far such a log was durable, until its
 * recovery point says so on the disk: taken away before that, a crash would leave nobody who knows.
 */
export class DamageNotes {
  readonly #disk: Disk
  /** By folder: where the log ended when it was found whole. */
  readonly #whole = new Map<string, { readonly directory: string; readonly endOffset: number }>()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** The log is whole, up to `endOffset`. */
  foundWhole({ topic, partition, directory }: LogIdentity, endOffset: number): void {
    this.#whole.set(partitionFolderName(topic, partition), { directory, endOffset })
  }

  /** The partition is gone. */
  forget(folder: string): void {
    this.#whole.delete(folder)
  }

  /**
   * These recovery points are on the disk. A log that went offline since it was found whole has a note of what is wrong now, which stays. A note that cannot
   * be taken away stays until the points are written again: it says nothing wrong.
   */
  async written(points: Iterable<WrittenPoint>): Promise<void> {
    if (this.#whole.size === 0) return
    for (const { topic, partition, offset, log } of points) {
      const folder = partitionFolderName(topic, partition)
      const whole = this.#whole.get(folder)
      if (whole === undefined || offset < whole.endOffset) continue
      if (log?.isOffline === true) this.#whole.delete(folder)
      else await this.#clear(folder, whole.directory)
    }
  }

  async #clear(folder: string, directory: string): Promise<void> {
    try {
      await clearDamageNote(this.#disk, directory)
      this.#whole.delete(folder)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
    }
  }
}
