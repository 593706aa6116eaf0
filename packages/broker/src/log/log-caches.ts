import { DiskError } from '../world.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { LogTools } from './log-tools.ts'
import { encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerEntry } from './producer-state.ts'
import {
  type MarkedProducers,
  type MarkPlace,
  RecoveryMarks,
  type TakenMark,
} from './recovery-marks.ts'
import type { SegmentList } from './segment-list.ts'
import { type ProducerSnapshot, writeSnapshotFiles } from './snapshot-files.ts'

export const LEADER_EPOCHS_FILE = 'leader-epoch-checkpoint'

/**
 * The files of a log that repeat what its batches say: indexes of sealed segments, producer snapshots, the leader epochs. They
 * are written in the background and at the stop, never on the path of an append. When they cannot be written for want of
 * space, the recovery point stays where it is, and a start after a crash builds them from there.
 */
export class LogCaches {
  readonly #directory: string
  readonly #segments: SegmentList
  readonly #leaderEpochs: LeaderEpochs
  readonly #tools: LogTools
  #snapshots: ProducerSnapshot[] = []
  #lastSnapshots: Promise<void> = Promise.resolve()
  /** The base offset of the first segment whose index files are not complete. */
  #indexesWrittenTo: number
  /** The revision that the file has: 0 is what was loaded. */
  #epochsWritten = 0
  #writtenTo: number
  readonly #marks: RecoveryMarks
  /** The end of the log at the last clean stop, as long as nothing has changed since. */
  #wholeAt: number | undefined

  constructor(
    directory: string,
    state: {
      readonly segments: SegmentList
      readonly leaderEpochs: LeaderEpochs
      readonly logEndOffset: number
      readonly lastStop: 'clean' | 'unclean'
      readonly mark?: MarkPlace | undefined
    },
    tools: LogTools,
  ) {
    this.#directory = directory
    this.#segments = state.segments
    this.#leaderEpochs = state.leaderEpochs
    this.#tools = tools
    this.#marks = new RecoveryMarks(directory, state.mark, tools)
    this.#indexesWrittenTo = state.segments.active.baseOffset
    this.#writtenTo = state.logEndOffset
    this.#wholeAt = state.lastStop === 'clean' ? state.logEndOffset : undefined
  }

  /** The files cover everything below this offset. It never goes back: a start would take damage below it for a torn tail (L5). */
  get writtenTo(): number {
    return this.#writtenTo
  }

  /**
   * Compaction keeps out of the segment that holds this offset. Where a snapshot is taken and not written yet the batches before it have to
   * stay as they are, for compaction would leave too little of them to say what their producers did.
   */
  get cleanableTo(): number {
    const unwritten = this.#snapshots[0]?.offset ?? Number.MAX_SAFE_INTEGER
    return unwritten <= this.#writtenTo ? Math.max(0, unwritten - 1) : this.#writtenTo
  }

  /** Where the first of the snapshots lies that are taken and not written yet. */
  get unwrittenSnapshot(): number | undefined {
    return this.#snapshots[0]?.offset
  }

  /** Whether a stop at this end of the log has nothing to write, because the last one did. */
  isWholeAt(offset: number): boolean {
    return this.#wholeAt === offset && this.#leaderEpochs.revision === this.#epochsWritten
  }

  /** Takes a snapshot of the producer state at `offset`, to be written later. */
  snapshotAt(offset: number, producers: readonly ProducerEntry[]): void {
    this.#wholeAt = undefined
    this.#snapshots.push({ offset, content: encodeProducerSnapshot(producers, this.#tools.crc32c) })
  }

  /** What was appended from `offset` on was taken back, and the snapshots beyond it too. One at `offset` is right still, and retention may need it. */
  forgetBeyond(offset: number): void {
    this.#snapshots = this.#snapshots.filter(snapshot => snapshot.offset <= offset)
  }

  /** The recovery mark of this moment, in which the log ends at `offset`, when one is due: for the `write` of the sync that begins now. */
  markAt(offset: number, producers: MarkedProducers): TakenMark | undefined {
    return this.#marks.take(this.#segments.active, offset, producers)
  }

  /**
   * Writes what belongs to the log below `offset`, whose segments are synced, but for the active segment's indexes; then the mark of that moment, which
   * is true only when all else is there.
   */
  async write(offset: number, mark: TakenMark | undefined): Promise<void> {
    try {
      await this.#writeIndexes()
      await this.writeSnapshots()
      await this.#writeLeaderEpochs()
      this.#writtenTo = Math.max(this.#writtenTo, offset)
      if (mark !== undefined) await this.#marks.write(mark)
    } catch (error) {
      if (!(error instanceof DiskError) || !error.isFullDisk) throw error
      this.#tools.world.log.warn('The disk has no room for index and snapshot files.', {
        path: this.#directory,
      })
    }
  }

  /** The clean stop: the active segment's indexes too. Throws whatever the disk throws. */
  async writeAll(offset: number): Promise<void> {
    await this.#writeIndexes()
    await this.#segments.active.writeIndexes()
    await this.writeSnapshots()
    await this.#writeLeaderEpochs()
    await this.#marks.remove()
    await this.#tools.world.disk.syncDirectory(this.#directory)
    this.#writtenTo = offset
  }

  async #writeIndexes(): Promise<void> {
    const activeBase = this.#segments.active.baseOffset
    for (const segment of this.#segments.from(this.#indexesWrittenTo)) {
      if (segment.baseOffset < activeBase) await segment.writeIndexes()
    }
    this.#indexesWrittenTo = activeBase
  }

  /** Writes the snapshots that were taken. A sync and the retention may both ask for it: one after the other, or they would replace the same file. */
  writeSnapshots(): Promise<void> {
    const written = this.#lastSnapshots.then(() => this.#writeSnapshots())
    this.#lastSnapshots = written.catch(() => undefined)
    return written
  }

  async #writeSnapshots(): Promise<void> {
    const { disk } = this.#tools.world
    for (let next = this.#snapshots[0]; next !== undefined; next = this.#snapshots[0]) {
      await writeSnapshotFiles(disk, this.#directory, next)
      if (this.#snapshots[0] === next) this.#snapshots.shift()
    }
  }

  async #writeLeaderEpochs(): Promise<void> {
    const revision = this.#leaderEpochs.revision
    if (revision === this.#epochsWritten) return
    await this.#tools.world.disk.writeFileAtomically(
      `${this.#directory}/${LEADER_EPOCHS_FILE}`,
      this.#leaderEpochs.encode(),
    )
    this.#epochsWritten = revision
  }
}
