import { type Disk, DiskError, type DiskFile } from '../world.ts'
import type { IndexBytes } from './index-bytes.ts'
import { writeIndexFile } from './index-file.ts'
import type { SyncableSegment } from './journal/entry.ts'
import { OffsetIndex } from './offset-index.ts'
import { scanSegment } from './scan-segment.ts'
import { entryOf } from './segment-entry.ts'
import { type SegmentFileKind, segmentFileName } from './segment-files.ts'
import type { SegmentBatch, SegmentImage, SegmentMark, SegmentState } from './segment-state.ts'
import { SegmentTransactions } from './segment-transactions.ts'
import { TimeIndex } from './time-index.ts'

export type { SegmentBatch, SegmentMark, SegmentState } from './segment-state.ts'

const RELATIVE_OFFSET_MAX = 0x7fff_ffff
const NO_TIMESTAMP = -1
/** Kafka's default of `index.interval.bytes`, for indexes that are built again. */
const REBUILD_INTERVAL_BYTES = 4096

/** Limits that decide when a segment is full: see `LogSettings`. */
export interface SegmentLimits {
  readonly segmentBytes: number
  readonly segmentIndexBytes: number
  readonly indexIntervalBytes: number
  /** `segment.ms` less this log's share of `segment.jitter.ms`. */
  readonly rollMs: number
}

export interface SegmentIndexes {
  readonly offsets: OffsetIndex
  readonly times: TimeIndex
}

/**
 * A piece of a log: `N.log` holds batches one after another as on the wire, N being the offset of the first. Beside it lie its
 * offset index and time index, byte for byte as Kafka writes them. Only the newest segment of a log is written to.
 *
 * A crash can leave a torn batch at the end and indexes that are short or absent: recovery cuts the one and builds the others.
 */
export class Segment implements SyncableSegment {
  readonly baseOffset: number
  readonly transactions: SegmentTransactions
  readonly #disk: Disk
  readonly #directory: string
  #file: DiskFile | undefined
  #opening: Promise<DiskFile> | undefined
  /** The last write of the index files. */
  #indexWrite: Promise<void> | undefined
  #indexes: SegmentIndexes | undefined
  #sizeBytes: number
  #syncedBytes: number
  #nameIsDurable: boolean
  #syncFailure: DiskError | undefined
  #isNew: boolean
  #isGone = false
  #bytesSinceIndexEntry = 0
  /** Since the last `releaseIdle`. */
  #wasUsed = false
  #isBeingWritten = false
  /** Wall clock, for a segment whose batches carry no time. */
  readonly createdMs: number
  /** The largest timestamp of the first batch: what `segment.ms` counts from. */
  #firstTimestamp: number | undefined
  /** Undefined: not read from the time index yet. */
  #maxTimestamp: number | undefined
  #offsetOfMaxTimestamp: number

  constructor(disk: Disk, directory: string, state: SegmentState) {
    this.#disk = disk
    this.#directory = directory
    this.baseOffset = state.baseOffset
    this.createdMs = state.createdMs
    this.#sizeBytes = state.sizeBytes
    this.#isNew = state.isNew === 'yes'
    this.#nameIsDurable = !this.#isNew
    this.#syncedBytes = state.sizeBytes
    this.#offsetOfMaxTimestamp = state.baseOffset
    if (this.#isNew) {
      this.#indexes = {
        offsets: new OffsetIndex(state.baseOffset),
        times: new TimeIndex(state.baseOffset),
      }
      this.#maxTimestamp = NO_TIMESTAMP
    }
    this.transactions = new SegmentTransactions(disk, this.pathOf('txnindex'), {
      baseOffset: state.baseOffset,
      file: this.#isNew ? 'none' : (state.transactionFile ?? 'maybe'),
    })
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get path(): string {
    return this.pathOf('log')
  }

  pathOf(kind: SegmentFileKind): string {
    return `${this.#directory}/${segmentFileName(this.baseOffset, kind)}`
  }

  // -------------------------------------------------------------- appending

  /** Whether `batch` belongs to a next segment (Kafka's `LogSegment.shouldRoll`). */
  isFullFor(batch: SegmentBatch, limits: SegmentLimits, now: number): boolean {
    if (this.#sizeBytes === 0) return false
    if (this.#sizeBytes > limits.segmentBytes - batch.sizeBytes) return true
    if (this.#age(batch.maxTimestamp, now) > limits.rollMs) return true
    if (batch.lastOffset - this.baseOffset > RELATIVE_OFFSET_MAX) return true
    const indexes = this.#indexes
    if (indexes === undefined) return false
    return (
      indexes.offsets.count >= Math.floor(limits.segmentIndexBytes / 8) ||
      indexes.times.count >= Math.floor(limits.segmentIndexBytes / 12) - 1
    )
  }

  #age(timestamp: number, now: number): number {
    const first = this.#firstTimestamp
    return first !== undefined && first >= 0 && timestamp >= 0
      ? timestamp - first
      : now - this.createdMs
  }

  /**
   * Takes a batch in: it gets the position at the present end and goes into the indexes. Its bytes follow by `writeNow`, together with
   * those of the batches entered after it, or are there already (recovery). Returns the position.
   */
  enter(batch: SegmentBatch, indexIntervalBytes: number): number {
    const position = this.#sizeBytes
    const { lastOffset, maxTimestamp, aborted } = batch
    if (aborted !== undefined) this.transactions.add(aborted)
    if (position === 0) this.#firstTimestamp = maxTimestamp
    if (maxTimestamp > (this.#maxTimestamp ?? NO_TIMESTAMP)) {
      this.#maxTimestamp = maxTimestamp
      this.#offsetOfMaxTimestamp = lastOffset
    }
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      const { offsets, times } = this.#indexesNow()
      offsets.append(lastOffset, position)
      times.maybeAppend(this.#maxTimestamp ?? NO_TIMESTAMP, this.#offsetOfMaxTimestamp)
      this.#bytesSinceIndexEntry = 0
    }
    this.#bytesSinceIndexEntry += batch.sizeBytes
    this.#sizeBytes = position + batch.sizeBytes
    return position
  }

  /** Writes the bytes of the batches entered last, into the page cache. Throws the disk's error; then `cutTo` takes them back. */
  writeNow(parts: readonly Uint8Array[]): void {
    this.#wasUsed = true
    this.#fileNow().appendNow(parts)
  }

  /** The same by the thread pool, of batches that are entered once it has ended: until then they are no part of the segment. When it rejects, nothing of them stays. */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    this.#wasUsed = true
    const written = this.#fileNow().append(parts)
    this.#isBeingWritten = true
    await written.finally(() => void (this.#isBeingWritten = false))
  }

  /** Makes the file before there is anything to write. */
  createNow(): void {
    this.#fileNow()
  }

  /** Remembers where the segment ends, so that a write that fails later can be taken back. */
  mark(): SegmentMark {
    return {
      sizeBytes: this.#sizeBytes,
      firstTimestamp: this.#firstTimestamp,
      maxTimestamp: this.#maxTimestamp,
      offsetOfMaxTimestamp: this.#offsetOfMaxTimestamp,
      bytesSinceIndexEntry: this.#bytesSinceIndexEntry,
      offsetsCount: this.#indexes?.offsets.count ?? 0,
      timesCount: this.#indexes?.times.count ?? 0,
      transactionsCount: this.transactions.count,
    }
  }

  /** Takes back what was written since `mark`. */
  cutTo(mark: SegmentMark): void {
    if (this.#file !== undefined && this.#file.sizeBytes > mark.sizeBytes)
      this.#file.truncateNow(mark.sizeBytes)
    this.#sizeBytes = mark.sizeBytes
    this.#syncedBytes = Math.min(this.#syncedBytes, mark.sizeBytes)
    this.#firstTimestamp = mark.firstTimestamp
    this.#maxTimestamp = mark.maxTimestamp
    this.#offsetOfMaxTimestamp = mark.offsetOfMaxTimestamp
    this.#bytesSinceIndexEntry = mark.bytesSinceIndexEntry
    this.#indexes?.offsets.file.truncate(mark.offsetsCount)
    this.#indexes?.times.file.truncate(mark.timesCount)
    this.transactions.cutTo(mark.transactionsCount)
  }

  /** Nothing more will be appended: forces the last entry of the time index, as Kafka does at a roll and at a clean stop. */
  seal(): void {
    if (this.#maxTimestamp !== undefined)
      this.#indexesNow().times.maybeAppend(this.#maxTimestamp, this.#offsetOfMaxTimestamp)
  }

  /** Starts anew, for a rebuild that enters every batch again. */
  resetIndexes(): void {
    this.transactions.reset()
    this.#indexes = {
      offsets: new OffsetIndex(this.baseOffset),
      times: new TimeIndex(this.baseOffset),
    }
    this.#maxTimestamp = NO_TIMESTAMP
    this.#offsetOfMaxTimestamp = this.baseOffset
    this.#firstTimestamp = undefined
    this.#bytesSinceIndexEntry = 0
  }

  /** What is known up to the present end, as it lies in memory: valid until the next change. Undefined when there is no batch, or some of it is not in memory. */
  image(): SegmentImage | undefined {
    const indexes = this.#indexes
    const transactions = this.transactions.index
    const firstTimestamp = this.#firstTimestamp
    const maxTimestamp = this.#maxTimestamp
    if (indexes === undefined || transactions === undefined) return undefined
    if (firstTimestamp === undefined || maxTimestamp === undefined) return undefined
    return {
      ...{ baseOffset: this.baseOffset, sizeBytes: this.#sizeBytes, firstTimestamp, maxTimestamp },
      offsetOfMaxTimestamp: this.#offsetOfMaxTimestamp,
      bytesSinceIndexEntry: this.#bytesSinceIndexEntry,
      ...{ ...indexes, transactions },
    }
  }

  /** Begins where `image` was taken, with what was known then, for a rebuild that enters the batches behind it. Nothing counts as synced. */
  restore(image: SegmentImage): void {
    this.markUnsynced(image.sizeBytes)
    this.#indexes = { offsets: image.offsets, times: image.times }
    this.transactions.restore(image.transactions)
    this.#firstTimestamp = image.firstTimestamp
    this.#maxTimestamp = image.maxTimestamp
    this.#offsetOfMaxTimestamp = image.offsetOfMaxTimestamp
    this.#bytesSinceIndexEntry = image.bytesSinceIndexEntry
  }

  // -------------------------------------------------------------- durability

  /** Makes the bytes durable, and the name of a new file too. Rejects with a `DiskError`; resolves when the segment was deleted meanwhile. */
  async sync(): Promise<void> {
    try {
      await this.#sync()
    } catch (error) {
      if (!this.#isGone) throw error
    }
  }

  async #sync(): Promise<void> {
    if (this.#isGone) return
    const sizeBytes = this.#sizeBytes
    if (this.#syncedBytes < sizeBytes) {
      const file = await this.open()
      if (this.#isGone) return
      await this.#syncFile(file)
      this.#syncedBytes = Math.max(this.#syncedBytes, Math.min(sizeBytes, this.#sizeBytes))
    }
    if (this.#nameIsDurable || this.#isGone) return
    await this.#disk.syncDirectory(this.#directory)
    this.#nameIsDurable = true
  }

  /** L6: of two syncs at once the system may tell one alone that it has dropped what both were to write: then the other has failed, too. */
  async #syncFile(file: DiskFile): Promise<void> {
    try {
      await file.sync()
    } catch (error) {
      this.#syncFailure ??= error as DiskError
    }
    if (this.#syncFailure !== undefined) throw this.#syncFailure
  }

  /** The segment was written to by somebody else (recovery), so that its bytes count as not synced. */
  markUnsynced(sizeBytes: number): void {
    this.#sizeBytes = sizeBytes
    this.#syncedBytes = 0
  }

  /**
   * Brings the index files up to the indexes in memory, durably: a start after a crash believes those below the recovery point, and one
   * that lost its end cannot be told from a whole one. A file whose name is lost is built again.
   */
  writeIndexes(): Promise<void> {
    const written = this.#writeIndexes()
    this.#indexWrite = written
    return written
  }

  async #writeIndexes(): Promise<void> {
    // Meanwhile somebody may let them go, whose own write has found nothing to do.
    const indexes = this.#indexes
    if (indexes === undefined || this.#isGone) return
    const offsets = indexes.offsets.file
    const { sizeBytes } = offsets
    const write = (kind: SegmentFileKind, index: IndexBytes, upToBytes: number): Promise<void> =>
      writeIndexFile(this.#disk, this.pathOf(kind), index, upToBytes)
    await this.transactions.write(index => write('txnindex', index, index.sizeBytes))
    await write('timeindex', indexes.times.file, indexes.times.file.sizeBytes)
    // The last, and no further than the others were then: whoever finds it short looks at what it does not cover, and so finds the others short.
    if (!this.#isGone) await write('index', offsets, sizeBytes)
  }

  /** Resolves when nobody writes index files of this segment any more, which was replaced. */
  async indexesAtRest(): Promise<void> {
    await this.#indexWrite?.catch(() => undefined)
  }

  // -------------------------------------------------------------- reading

  /** The file, open for reading; it is opened when needed and closed by `closeFile` or `releaseIdle`. */
  open(): Promise<DiskFile> | DiskFile {
    this.#wasUsed = true
    if (this.#file !== undefined || (this.#isNew && !this.#isGone)) return this.#fileNow()
    if (this.#isGone) throw this.#gone()
    this.#opening ??= this.#openExisting().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openExisting(): Promise<DiskFile> {
    const file = await this.#disk.open(this.path, 'existing')
    if (this.#isGone) {
      void file.close()
      throw this.#gone()
    }
    if (this.#file === undefined) this.#file = file
    else void file.close()
    return this.#file
  }

  /** A new segment begins empty, whatever a failed roll may have left under its name. */
  #fileNow(): DiskFile {
    this.#file ??= this.#disk.openNow(this.path, this.#isNew ? 'truncate' : 'create')
    this.#isNew = false
    return this.#file
  }

  /** The indexes: in memory, else from their files, else undefined when those are missing or cannot be right (then `rebuild`). */
  async loadIndexes(): Promise<SegmentIndexes | undefined> {
    if (this.#indexes !== undefined) return this.#indexes
    const [offsets, times] = await Promise.all([
      this.#disk.readFile(this.pathOf('index')),
      this.#disk.readFile(this.pathOf('timeindex')),
    ])
    if (this.#isGone) throw this.#gone()
    return this.takeIndexes(offsets, times)
  }

  /** The same from the content of the files; undefined: there is none. */
  takeIndexes(ofOffsets?: Buffer, ofTimes?: Buffer): SegmentIndexes | undefined {
    if (ofOffsets === undefined || ofTimes === undefined) return undefined
    const offsets = new OffsetIndex(this.baseOffset)
    const times = new TimeIndex(this.baseOffset)
    if (offsets.load(ofOffsets, this.#sizeBytes) !== undefined) return undefined
    if (times.load(ofTimes) !== undefined) return undefined
    this.#indexes ??= { offsets, times }
    this.#maxTimestamp ??= times.lastTimestamp
    this.#offsetOfMaxTimestamp = times.lastOffset
    return this.#indexes
  }

  /** The indexes in any case: built from the batches when their files are of no use. */
  async requireIndexes(): Promise<SegmentIndexes> {
    this.#wasUsed = true
    return (await this.loadIndexes()) ?? (await this.#rebuildIndexes())
  }

  /** Only a sealed segment comes to this: the active one is looked through when its log is loaded. */
  async #rebuildIndexes(): Promise<SegmentIndexes> {
    const sizeBytes = this.#sizeBytes
    const rebuilt = new Segment(this.#disk, this.#directory, {
      baseOffset: this.baseOffset,
      sizeBytes: 0,
      createdMs: this.createdMs,
      isNew: 'no',
    })
    rebuilt.resetIndexes()
    await scanSegment(await this.open(), {
      from: 0,
      to: sizeBytes,
      visit: batch => {
        rebuilt.enter(entryOf(batch), REBUILD_INTERVAL_BYTES)
        return 'valid'
      },
    })
    rebuilt.seal()
    this.#indexes ??= rebuilt.#indexesNow()
    this.#maxTimestamp ??= rebuilt.#maxTimestamp
    return this.#indexes
  }

  /** The indexes when they are in memory. */
  get indexes(): SegmentIndexes | undefined {
    return this.#indexes
  }

  /**
   * Closes the file of a sealed segment and lets its indexes go if nobody used them since the last call; they are read again when needed.
   * Those that were built again are written first. Rejects with a `DiskError` when they cannot be, and keeps them.
   */
  async releaseIdle(): Promise<void> {
    const isIdle = !this.#wasUsed && this.#syncedBytes === this.#sizeBytes
    this.#wasUsed = false
    if (!isIdle) return
    await this.closeFile()
    if (this.#hasUnwrittenIndexes) await this.writeIndexes()
    if (this.#hasUnwrittenIndexes) return
    this.#indexes = undefined
    this.transactions.release()
  }

  /** The same for the file of the segment that is written to. */
  async releaseIdleFile(): Promise<void> {
    const isIdle = !this.#wasUsed && this.#syncedBytes === this.#sizeBytes
    this.#wasUsed = false
    if (isIdle && !this.#isBeingWritten) await this.closeFile()
  }

  get #hasUnwrittenIndexes(): boolean {
    return (
      !this.transactions.isWritten ||
      this.#indexes?.offsets.file.unwritten() !== undefined ||
      this.#indexes?.times.file.unwritten() !== undefined
    )
  }

  /** -1 when no batch carries a time, undefined when the time index was not read yet. */
  get maxTimestamp(): number | undefined {
    return this.#maxTimestamp
  }

  setFirstTimestamp(timestamp: number): void {
    this.#firstTimestamp = timestamp
  }

  // -------------------------------------------------------------- the end

  /** Closes the file until somebody needs it again. */
  async closeFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  /** Removes a segment that nothing was acknowledged from: its roll is taken back. Throws the disk's error. */
  discardNow(): void {
    this.#isGone = true
    if (this.#file === undefined) return
    // The file is no more: what its handle says to that is of no interest.
    this.closeFile().catch(() => undefined)
    this.#disk.removeNow(this.path)
  }

  /**
   * The segment is deleted, or another one holds what it held: what is still to be synced is not missed. While its file is open it may be
   * read, but under its names lies nothing soon, or something else: who tries to open them is told `ENOENT`.
   */
  markGone(): void {
    this.#isGone = true
  }

  /** Everything entered was written and synced by somebody else (compaction), to this file, which is read until `closeFile`. */
  wroteBy(file: DiskFile): void {
    this.#file = file
    this.#syncedBytes = this.#sizeBytes
  }

  #gone(): DiskError {
    return new DiskError('open', this.path, 'ENOENT')
  }

  #indexesNow(): SegmentIndexes {
    this.#indexes ??= {
      offsets: new OffsetIndex(this.baseOffset),
      times: new TimeIndex(this.baseOffset),
    }
    return this.#indexes
  }
}
