import type { LogTools } from './log-tools.ts'
import { encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerEntry } from './producer-state.ts'
import { encodeRecoveryMark, RECOVERY_MARK_FILE } from './recovery-mark.ts'
import { removeIfThere } from './remove-if-there.ts'
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

/** The producers of a log at the moment of a mark. */
export interface MarkedProducers {
  /** About how many. */
  readonly count: number
  readonly entries: () => readonly ProducerEntry[]
}

/** Some milliseconds. A log with more producers is looked through whole. */
const PRODUCERS_MAX = 2_000

/** The recovery mark of one log: when the next is due, and its file. A small segment has none, so most logs have none. */
export class RecoveryMarks {
  readonly #path: string
  readonly #tools: Pick<LogTools, 'world' | 'limits' | 'crc32c'>
  /** The last one, or the last that could not be written: the next is due as long after it. */
  #last: MarkPlace | undefined
  /** Whether there may be a file: also one of which nobody knows whether its name is durable. */
  #mayBeThere: boolean

  constructor(
    directory: string,
    written: MarkPlace | undefined,
    tools: Pick<LogTools, 'world' | 'limits' | 'crc32c'>,
  ) {
    this.#path = `${directory}/${RECOVERY_MARK_FILE}`
    this.#last = written
    this.#mayBeThere = written !== undefined
    this.#tools = tools
  }

  /**
   * The mark of this very moment, in which the log is written up to `offset`, where `active` ends; undefined while the last one is near enough, or when
   * the log has so many producers that copying them would hold the event loop up.
   */
  take(active: Segment, offset: number, producers: MarkedProducers): TakenMark | undefined {
    const { baseOffset, sizeBytes } = active
    const last = this.#last
    const markedBytes = last?.baseOffset === baseOffset ? last.sizeBytes : 0
    if (sizeBytes - markedBytes < this.#tools.limits.recoveryMarkBytes) return undefined
    if (producers.count > PRODUCERS_MAX) return undefined
    const image = active.image()
    if (image === undefined) return undefined
    const { crc32c } = this.#tools
    const snapshot = encodeProducerSnapshot(producers.entries(), crc32c)
    return {
      place: { baseOffset, sizeBytes },
      content: encodeRecoveryMark(offset, image, snapshot, crc32c),
    }
  }

  /** Writes it, durably, in the place of the last one. What it says of the log, and the files beside the segments before it, has to be durable by now. */
  async write({ place, content }: TakenMark): Promise<void> {
    this.#last = place
    this.#mayBeThere = true
    await this.#tools.world.disk.writeFileAtomically(this.#path, content)
  }

  /** A log that was closed in order needs none. It is gone for good when the folder is synced. */
  async remove(): Promise<void> {
    if (!this.#mayBeThere) return
    await removeIfThere(this.#tools.world.disk, this.#path)
    this.#last = undefined
    this.#mayBeThere = false
  }
}
