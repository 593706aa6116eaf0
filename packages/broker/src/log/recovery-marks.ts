import { DiskError } from '../world.ts'
import type { LogTools } from './log-tools.ts'
import { encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerEntry } from './producer-state.ts'
import { encodeRecoveryMark, RECOVERY_MARK_FILE } from './recovery-mark.ts'
import type { Segment } from './segment.ts'

/** Which segment a mark is of, and how many of its bytes lie before it. */
export interface MarkPlace {
  readonly baseOffset: number
  readonly sizeBytes: number
}

/** A mark that is true once what was written when it was taken is synced. */
export interface TakenMark {
  readonly place: MarkPlace
  readonly content: Buffer
}

/** The recovery mark of one log: when the next is due, and its file. A small segment has none, so most logs have none. */
export class RecoveryMarks {
  readonly #path: string
  readonly #tools: Pick<LogTools, 'world' | 'limits' | 'crc32c'>
  /** Undefined: there is no file. */
  #written: MarkPlace | undefined

  constructor(
    directory: string,
    written: MarkPlace | undefined,
    tools: Pick<LogTools, 'world' | 'limits' | 'crc32c'>,
  ) {
    this.#path = `${directory}/${RECOVERY_MARK_FILE}`
    this.#written = written
    this.#tools = tools
  }

  /**
   * The mark of this very moment, in which the log is written up to `offset`, where `active` ends, and `producers` gives the state of its producers
   * there; undefined while the last one is near enough.
   */
  take(
    active: Segment,
    offset: number,
    producers: () => readonly ProducerEntry[],
  ): TakenMark | undefined {
    const { baseOffset, sizeBytes } = active
    const last = this.#written
    const markedBytes = last?.baseOffset === baseOffset ? last.sizeBytes : 0
    if (sizeBytes - markedBytes < this.#tools.limits.recoveryMarkBytes) return undefined
    const image = active.image()
    if (image === undefined) return undefined
    const { crc32c } = this.#tools
    const snapshot = encodeProducerSnapshot(producers(), crc32c)
    return {
      place: { baseOffset, sizeBytes },
      content: encodeRecoveryMark(offset, image, snapshot, crc32c),
    }
  }

  /** Writes it, durably, in the place of the last one. What it says of the log, and the files beside the segments before it, has to be durable by now. */
  async write({ place, content }: TakenMark): Promise<void> {
    await this.#tools.world.disk.writeFileAtomically(this.#path, content)
    this.#written = place
  }

  /** A log that was closed in order needs none. It is gone for good when the folder is synced. */
  async remove(): Promise<void> {
    if (this.#written === undefined) return
    try {
      await this.#tools.world.disk.remove(this.#path)
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'ENOENT') throw error
    }
    this.#written = undefined
  }
}
