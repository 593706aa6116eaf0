import { RecordBatch } from '@varve/protocol'
import { assert } from '../assert.ts'
import type { DiskError } from '../world.ts'
import { AbortedTransactions } from './aborted-transactions.ts'
import type { AppendOptions, AppendResult, LogObserver } from './append.ts'
import { AppendChunk } from './append-chunk.ts'
import { type BatchRefusal, refuseBatch, settingsFor } from './batch-door.ts'
import { noteUnfinished } from './damage-note.ts'
import type { DirtyLog, PendingWrite } from './dirty-log.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import { DAMAGED } from './load-options.ts'
import { LogCaches } from './log-caches.ts'
import { LogIntake } from './log-intake.ts'
import { LogProgress } from './log-progress.ts'
import { LogReader } from './log-reader.ts'
import type { LogSettings } from './log-settings.ts'
import type { LogIdentity, LogState } from './log-state.ts'
import type { LogTools } from './log-tools.ts'
import { checkMarker } from './marker-check.ts'
import { type PendingBatch, producersBefore } from './pending-write.ts'
import { checkProducer, resultOf } from './producer-door.ts'
import type { ProducerState } from './producer-state.ts'
import type { ReadRange, ReadResult } from './read-result.ts'
import { recompress } from './recompress.ts'
import { retainSegments } from './retain-segments.ts'
import type { SegmentList } from './segment-list.ts'
import { SegmentRemoval } from './segment-removal.ts'
import { SegmentWriter } from './segment-writer.ts'
import { Tail } from './tail-cache.ts'
import { markerBatch, type TransactionMarker } from './transaction-marker.ts'
import { Verifications } from './verifications.ts'

const NOTHING_PENDING: PendingWrite = { sizeBytes: 0, entries: [] }

/** How a log begins: who it belongs to, what it uses, whom it tells. */
export interface LogOptions {
  readonly settings: LogSettings
  readonly tools: LogTools
  readonly observer: LogObserver
}

/**
 * The log of one partition: appends in order, makes them durable through the flusher, and gives them back. Offsets are assigned
 * at `append`; until the end of the turn a batch is pending, then it is written, then (in durable mode) journaled, then it counts.
 */
export class PartitionLog implements DirtyLog {
  readonly identity: LogIdentity
  readonly segments: SegmentList
  readonly producers: ProducerState
  readonly leaderEpochs: LeaderEpochs
  readonly verifications = new Verifications()
  readonly aborted: AbortedTransactions
  /** Takes away the files of segments that left the log. */
  readonly removal: SegmentRemoval
  readonly #tail: Tail
  readonly #tools: LogTools
  readonly #observer: LogObserver
  readonly #chunk: AppendChunk
  readonly #intake: LogIntake
  readonly #writer: SegmentWriter
  readonly #progress: LogProgress
  readonly #caches: LogCaches
  readonly #reader: LogReader
  #settings: LogSettings
  #logStartOffset: number
  #nextStartOffset = 0
  #offline: DiskError | undefined
  #isClosed = false
  #hasFolder: boolean
  /** The write of the thread pool that is under way, or the last one. */
  #poolWrite: Promise<void> | undefined
  /** The sync under way, or the last one. */
  #lastSync: Promise<number> | undefined

  constructor(identity: LogIdentity, state: LogState, options: LogOptions) {
    const { tools } = options
    const { segments, producers, leaderEpochs, logEndOffset } = state
    this.identity = identity
    this.segments = segments
    this.producers = producers
    this.leaderEpochs = leaderEpochs
    this.#settings = options.settings
    this.#tools = tools
    this.#observer = options.observer
    this.aborted = new AbortedTransactions(identity, segments, tools)
    const tail = new Tail(tools.tailCache)
    this.#tail = tail
    this.#chunk = new AppendChunk(tools.tailCache, tail, tools.world.clock)
    const taken = {
      ...{ producers, leaderEpochs },
      ...{ chunk: this.#chunk, verifications: this.verifications },
    }
    this.#intake = new LogIntake(logEndOffset, taken, tools)
    this.#caches = new LogCaches(identity.directory, state, tools)
    const written = { segments, producers, tail, caches: this.#caches }
    this.#writer = new SegmentWriter(identity, written, tools)
    this.#progress = new LogProgress(logEndOffset, options.observer)
    this.removal = new SegmentRemoval(tools.world, identity.directory)
    this.#reader = new LogReader(identity.directory, { segments, tail, ends: this }, tools)
    this.#logStartOffset = state.logStartOffset
    this.#hasFolder = state.hasFolder
  }

  get topicId(): string {
    return this.identity.topicId
  }

  get partition(): number {
    return this.identity.partition
  }

  get flushMs(): number {
    return this.#isDurable ? Number.POSITIVE_INFINITY : this.#settings.flushMs
  }

  get settings(): LogSettings {
    return this.#settings
  }

  /** Where readers are told that the log begins: it never goes back, not by a crash either. */
  get logStartOffset(): number {
    return this.#logStartOffset
  }

  /** Where it will begin when that is on the disk: `logStartOffset`, as long as nobody has deleted records beyond. */
  get nextStartOffset(): number {
    return Math.max(this.#logStartOffset, this.#nextStartOffset)
  }

  /** Below it nothing can be read any more, though nobody was told yet. */
  get firstHeldOffset(): number {
    return Math.max(this.#logStartOffset, this.segments.first.baseOffset)
  }

  /** The offset that the next record will get. */
  get logEndOffset(): number {
    return this.#intake.endOffset
  }

  /** Everything below was written to a segment, and can be read. */
  get writtenEnd(): number {
    return this.#progress.writtenEnd
  }

  /** What this replica may be counted for: its durable end in durable mode, its written end in relaxed mode. */
  get ackableEnd(): number {
    return this.#progress.ackableEnd
  }

  /** Everything below is in synced segments, and the files beside them know of it: where recovery begins. */
  get recoveryPoint(): number {
    return this.#caches.writtenTo
  }

  /** Compaction keeps out of the segment that holds this offset, which is at most the recovery point. */
  get cleanableTo(): number {
    return this.#caches.cleanableTo
  }

  get isOffline(): boolean {
    return this.#offline !== undefined
  }

  get isClosedOrOffline(): boolean {
    return this.#isClosed || this.#offline !== undefined
  }

  /** Whether something was appended that is not written yet. */
  get hasPending(): boolean {
    return this.#intake.pending.length > 0
  }

  get pendingBytes(): number {
    return this.#intake.pendingBytes
  }

  /** Without one the log is empty, and takes nothing yet. */
  get hasFolder(): boolean {
    return this.#hasFolder
  }

  /** The folder is on the disk, durably: from now on the log can be appended to. */
  folderMade(): void {
    this.#hasFolder = true
  }

  get #isDurable(): boolean {
    return this.#settings.flushMode === 'durable'
  }

  /** New settings count from the next append on. */
  configure(settings: LogSettings): void {
    this.#settings = settings
  }

  /** Appends carry this epoch from now on. */
  lead(leaderEpoch: number): void {
    this.#intake.lead(leaderEpoch)
  }

  // -------------------------------------------------------------- append

  /**
   * Takes one batch in, or says why not. It is neither written nor durable yet: the observer hears when it counts, or that it
   * failed. Nothing in here waits, so appends have the order of the calls.
   */
  append(records: Uint8Array, options: AppendOptions): AppendResult {
    if (this.isClosedOrOffline) return OFFLINE
    const settings = settingsFor(this.#settings, records, options)
    const batch = new RecordBatch(records)
    const refusal = refuseBatch(batch, settings, options, this.#tools)
    if (refusal !== undefined) return refusal
    if (batch.hasProducer) {
      const known = resultOf(checkProducer(batch, options, this), settings.timestampType)
      if (known !== undefined) return known
    }
    if (settings.compressionType === 'producer') return this.#take(records, options.now)
    const bytes = recompress(records, settings, this.#tools)
    return bytes instanceof Uint8Array ? this.#take(bytes, options.now) : bytes
  }

  /** Takes a marker in (T4), and the epoch that fences who is older (T6). `duplicate` for one that is there: its offsets are the log's end. */
  appendMarker(marker: TransactionMarker, now: number): AppendResult {
    if (this.isClosedOrOffline) return OFFLINE
    const check = checkMarker(this.producers.get(marker.producerId), marker)
    if (check.type === 'refused') return check
    this.verifications.end(marker.producerId)
    if (check.type === 'next') return this.#take(markerBatch(marker, now, this.#tools.crc32c), now)
    const lastOffset = this.logEndOffset - 1
    return { outcome: 'duplicate', baseOffset: lastOffset, lastOffset, logAppendTimeMs: -1 }
  }

  #take(bytes: Uint8Array, now: number): AppendResult {
    assert(this.#hasFolder, 'L7: the folder of a log is durable before anything lies in it.')
    if (!this.hasPending) this.#tools.flusher.markDirty(this)
    return this.#intake.take(bytes, this.#settings, now)
  }

  /** Forgets producers that were idle for too long, also those who only asked whether they may begin a transaction. */
  expireProducers(): void {
    this.producers.expire()
    this.verifications.expire(sweep => this.#tools.producerQuota.isExpired(sweep))
  }

  // -------------------------------------------------------------- write and flush, called by the flusher

  writePending(): PendingWrite {
    const { pending } = this.#intake
    if (pending.length === 0 || this.#offline !== undefined) return NOTHING_PENDING
    return this.#wrote(pending, this.#writer.write(pending, this.#settings))
  }

  /** What is being written stays pending until it is: so it is neither read nor synced nor counted, and it can be taken back. */
  async writePendingInPool(): Promise<PendingWrite> {
    const { pending } = this.#intake
    if (pending.length === 0 || this.#offline !== undefined) return NOTHING_PENDING
    const placement = this.#writer.place(pending, this.#settings)
    this.#poolWrite = this.#writer.writeTo(placement)
    await this.#poolWrite
    if (this.isClosedOrOffline) {
      await this.#writer.forget(placement)
      return NOTHING_PENDING
    }
    const written = this.#writer.placed(placement, this.#intake.pending, this.#settings)
    return this.#wrote(placement.batches, written)
  }

  #wrote(batches: readonly PendingBatch[], written: PendingWrite): PendingWrite {
    const last = batches[batches.length - 1] as PendingBatch
    this.#progress.written(batches, last.lastOffset + 1, written.sizeBytes)
    this.#intake.wrote(batches.length, written.sizeBytes)
    const { writtenEnd } = this
    if (!this.#isDurable) this.#tools.world.clock.endOfTurn(() => this.#countRelaxed(writtenEnd))
    return written
  }

  durableUpTo(offset: number): void {
    this.#countUpTo(Math.min(offset, this.writtenEnd))
  }

  /** In relaxed mode what is written counts, in a call of its own: the flusher is still at work when a write returns. */
  #countRelaxed(endOffset: number): void {
    if (!this.#tools.flusher.holdsBack(this, endOffset)) this.#countUpTo(endOffset)
    if (endOffset - this.#progress.syncedEnd >= this.#settings.flushMessages)
      this.#tools.flusher.requestSync(this)
  }

  #countUpTo(offset: number): void {
    if (this.#offline === undefined) this.#progress.countUpTo(offset)
  }

  appendsRefused(error: DiskError): void {
    const first = this.#intake.pending[0]
    if (first === undefined) return
    this.#tools.world.log.warn('The disk has no room for what was produced.', {
      path: this.identity.directory,
      code: error.code,
    })
    this.#intake.takeBack()
    this.#observer.appendsFailed(first.baseOffset)
  }

  /** Compaction has written the log anew below `endOffset`: what is remembered of it is not served any more. */
  rewritten(endOffset: number): void {
    this.#tail.forgetBelow(endOffset)
  }

  storageFailed(error: DiskError): void {
    if (this.#offline !== undefined) return
    this.#offline = error
    this.#intake.takeBack()
    this.#tail.clear()
    this.#chunk.release()
    this.#observer.appendsFailed(this.ackableEnd)
  }

  syncSegments(): Promise<number> {
    this.#lastSync = this.#sync()
    return this.#lastSync
  }

  async #sync(): Promise<number> {
    const upTo = this.writtenEnd
    const { syncedEnd } = this.#progress
    if (this.#isClosed || upTo === syncedEnd) return syncedEnd
    const mark = this.#caches.markAt(upTo, {
      count: this.producers.size,
      entries: () => producersBefore(this.producers, this.#intake.pending),
    })
    await this.segments.syncFrom(syncedEnd)
    // Offline: what was acknowledged before is made durable, and the next start looks through it.
    if (this.#offline === undefined) await this.#caches.write(upTo, mark)
    this.#progress.synced(upTo)
    this.#writer.synced(upTo, this.writtenEnd)
    return this.#progress.syncedEnd
  }

  // -------------------------------------------------------------- read

  /**
   * Whole batches from the one that holds `range.offset` on: at once when the tail cache has them, else from the disk. Nothing when
   * the offset is not in the log any more. Rejects with a `DiskError` when the log cannot be read.
   */
  read(range: ReadRange): ReadResult | Promise<ReadResult> {
    if (this.#offline !== undefined) return Promise.reject(this.#offline)
    const leaving = this.segments.leavingBelow(range.offset)
    return leaving === undefined ? this.#reader.read(range) : leaving.then(() => this.read(range))
  }

  /** About how many bytes lie between the offsets; 0 exactly when there is nothing. */
  bytesBetween(offset: number, endOffset: number): number {
    return this.#reader.bytesBetween(offset, endOffset)
  }

  // -------------------------------------------------------------- what leaves the log

  /** Records below `offset` are to be deleted. Once that is on the disk, `startAt` follows. */
  willStartAt(offset: number): void {
    assert(offset <= this.ackableEnd, 'L10: only committed records are deleted.')
    this.#nextStartOffset = Math.max(offset, this.#nextStartOffset)
  }

  /** Records below `offset` are no more part of the log, and no crash brings them back; their segments go with the next `retain`. */
  startAt(offset: number): void {
    assert(offset <= this.ackableEnd, 'L10: only committed records are deleted.')
    if (offset <= this.#logStartOffset) return
    this.#logStartOffset = offset
    this.leaderEpochs.truncateFromStart(offset)
  }

  /** Deletes the segments that retention or DeleteRecords have given up. Never run twice at once. */
  retain(now: number, highWatermark: number): Promise<void> {
    return retainSegments(this, this.#caches, { now, highWatermark })
  }

  // -------------------------------------------------------------- the end

  /** The partition is deleted, or the broker failed: nothing is written any more, not even by a sync that had begun. */
  async abandon(): Promise<void> {
    this.#isClosed = true
    this.#intake.clear()
    // What came of the sync is the flusher's to judge, and of the write nobody's.
    await this.#poolWrite?.catch(() => undefined)
    await this.#lastSync?.catch(() => undefined)
    await this.#letGo()
  }

  async #letGo(): Promise<void> {
    this.removal.close()
    this.#reader.close()
    this.#tail.clear()
    this.#chunk.release()
    this.producers.clear()
    this.verifications.clear()
    for (const segment of this.segments.all) segment.markGone()
    await this.segments.closeFiles()
  }

  /** Writes, syncs and closes everything: the clean stop. The flusher has nothing of this log in work any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#offline === undefined) {
      assert(!this.hasPending, 'A log is closed after its last write.')
      if (this.#hasFolder && !this.#caches.isWholeAt(this.writtenEnd)) await this.#writeRest()
    } else await this.#noteUnfinished(this.#offline)
    await this.#letGo()
  }

  /** Offline the files beside the segments are not written any more: the next start must not believe them because the stop was clean. */
  async #noteUnfinished(error: DiskError): Promise<void> {
    // Who found the damage has written down more.
    if (error.code === DAMAGED || !this.#hasFolder) return
    const { syncedEnd: durableEnd } = this.#progress
    const { recoveryPoint } = this
    const { disk } = this.#tools.world
    await noteUnfinished(disk, this.identity.directory, { durableEnd, recoveryPoint })
  }

  async #writeRest(): Promise<void> {
    this.segments.active.seal()
    await this.segments.syncFrom(this.#progress.syncedEnd)
    this.#caches.snapshotAt(this.writtenEnd, [...this.producers.entries()])
    await this.#caches.writeAll(this.writtenEnd)
  }
}

const OFFLINE: BatchRefusal = {
  error: 'KAFKA_STORAGE_ERROR',
  message: 'The log of the partition is offline.',
}
