import { RecordBatch } from '@varve/protocol'
import { assert } from '../assert.ts'
import { DiskError } from '../world.ts'
import { AbortedTransactions } from './aborted-transactions.ts'
import type { Appended, AppendOptions, AppendResult, LogObserver } from './append.ts'
import { AppendChunk } from './append-chunk.ts'
import { type BatchRefusal, refuseBatch, settingsFor } from './batch-door.ts'
import type { DirtyLog, PendingWrite } from './dirty-log.ts'
import { extentsOf } from './extents.ts'
import type { JournalEntry } from './journal/entry.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import { LogCaches } from './log-caches.ts'
import { LogReader } from './log-reader.ts'
import { type LogSettings, rollAfterMs } from './log-settings.ts'
import type { LogIdentity, LogState } from './log-state.ts'
import type { LogTools } from './log-tools.ts'
import { checkMarker } from './marker-check.ts'
import { type PendingBatch, PendingWriter, producersBefore } from './pending-write.ts'
import { checkProducer, resultOf } from './producer-door.ts'
import { abortedBy, type ProducerState } from './producer-state.ts'
import type { ReadRange, ReadResult } from './read-result.ts'
import { recompress } from './recompress.ts'
import { expiredSegmentCount } from './retention.ts'
import type { SegmentList } from './segment-list.ts'
import { SegmentRemoval } from './segment-removal.ts'
import { Tail } from './tail-cache.ts'
import { markerBatch, type TransactionMarker } from './transaction-marker.ts'
import { UncountedWrites } from './uncounted-writes.ts'
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
  readonly #tail: Tail
  readonly #tools: LogTools
  readonly #observer: LogObserver
  readonly #chunk: AppendChunk
  readonly #caches: LogCaches
  /** Takes away the files of segments that left the log. */
  readonly removal: SegmentRemoval
  readonly #reader: LogReader
  /** This log's share of `segment.jitter.ms`, so that logs made together do not all roll together. */
  readonly #jitterShare: number
  #settings: LogSettings
  #leaderEpoch = -1
  #logStartOffset: number
  #logEndOffset: number
  #writtenEnd: number
  #ackableEnd: number
  #syncedEnd: number
  /** The first offset that is neither journaled nor synced: what was written in relaxed mode. */
  #unjournaledFrom: number | undefined
  #pending: PendingBatch[] = []
  readonly #uncounted = new UncountedWrites()
  #offline: DiskError | undefined
  #isClosed = false
  #hasFolder: boolean
  /** The sync under way, or the last one. */
  #lastSync: Promise<number> | undefined

  constructor(identity: LogIdentity, state: LogState, options: LogOptions) {
    this.identity = identity
    this.segments = state.segments
    this.producers = state.producers
    this.leaderEpochs = state.leaderEpochs
    this.#settings = options.settings
    this.#tools = options.tools
    this.#observer = options.observer
    this.aborted = new AbortedTransactions(identity, state.segments, this.#tools)
    this.#tail = new Tail(this.#tools.tailCache)
    this.#chunk = new AppendChunk(this.#tools.tailCache, this.#tail, this.#tools.world.clock)
    this.#caches = new LogCaches(identity.directory, state, this.#tools)
    this.removal = new SegmentRemoval(this.#tools.world, identity.directory)
    const from = { segments: this.segments, tail: this.#tail, ends: this }
    this.#reader = new LogReader(identity.directory, from, this.#tools)
    this.#jitterShare = this.#tools.world.random.below(1024) / 1024
    this.#logStartOffset = state.logStartOffset
    this.#logEndOffset = state.logEndOffset
    this.#writtenEnd = state.logEndOffset
    this.#ackableEnd = state.logEndOffset
    this.#syncedEnd = state.logEndOffset
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

  get logStartOffset(): number {
    return this.#logStartOffset
  }

  /** The offset that the next record will get. */
  get logEndOffset(): number {
    return this.#logEndOffset
  }

  /** Everything below was written to a segment, and can be read. */
  get writtenEnd(): number {
    return this.#writtenEnd
  }

  /** What this replica may be counted for: its durable end in durable mode, its written end in relaxed mode. */
  get ackableEnd(): number {
    return this.#ackableEnd
  }

  /** Everything below is in synced segments, and the files beside them know of it: where recovery begins. */
  get recoveryPoint(): number {
    return this.#caches.writtenTo
  }

  get isOffline(): boolean {
    return this.#offline !== undefined
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
    this.#leaderEpoch = leaderEpoch
    this.leaderEpochs.assign(leaderEpoch, this.#logEndOffset)
  }

  // -------------------------------------------------------------- append

  /**
   * Takes one batch in, or says why not. It is neither written nor durable yet: the observer hears when it counts, or that it
   * failed. Nothing in here waits, so appends have the order of the calls.
   */
  append(records: Uint8Array, options: AppendOptions): AppendResult {
    if (this.#offline !== undefined || this.#isClosed) return OFFLINE
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
    if (this.#offline !== undefined || this.#isClosed) return OFFLINE
    const check = checkMarker(this.producers.get(marker.producerId), marker)
    if (check.type === 'refused') return check
    this.verifications.end(marker.producerId)
    if (check.type === 'next') return this.#take(markerBatch(marker, now, this.#tools.crc32c), now)
    const lastOffset = this.#logEndOffset - 1
    return { outcome: 'duplicate', baseOffset: lastOffset, lastOffset, logAppendTimeMs: -1 }
  }

  /** Forgets producers that were idle for too long, also those who only asked whether they may begin a transaction. */
  expireProducers(): void {
    this.producers.expire()
    this.verifications.expire(sweep => this.#tools.producerQuota.isExpired(sweep))
  }

  /** Nothing can be refused any more: the batch gets its offsets, and everybody but the disk knows of it. */
  #take(bytes: Uint8Array, now: number): Appended {
    assert(this.#hasFolder, 'L7: the folder of a log is durable before anything lies in it.')
    const { block, start } = this.#chunk.keep(bytes)
    const batch = new RecordBatch(block.buffer, start, block.view)
    const baseOffset = this.#logEndOffset
    const stampsTime = this.#settings.timestampType === 'LogAppendTime'
    batch.setBaseOffset(baseOffset)
    batch.setPartitionLeaderEpoch(this.#leaderEpoch)
    if (stampsTime) batch.stampLogAppendTime(now, this.#tools.crc32c)
    const lastOffset = baseOffset + batch.lastOffsetDelta
    const hasProducer = batch.hasProducer
    const previousProducer = hasProducer ? this.producers.apply(batch) : undefined
    if (hasProducer && batch.isTransactional) this.verifications.end(batch.producerId)
    this.#pending.push({
      baseOffset,
      lastOffset,
      sizeBytes: bytes.length,
      maxTimestamp: batch.maxTimestamp,
      leaderEpoch: this.#leaderEpoch,
      block,
      start,
      producerId: hasProducer ? batch.producerId : -1,
      previousProducer,
      aborted: hasProducer ? abortedBy(batch, previousProducer, this.producers) : undefined,
    })
    this.#logEndOffset = lastOffset + 1
    if (this.#pending.length === 1) this.#tools.flusher.markDirty(this)
    return { outcome: 'appended', baseOffset, lastOffset, logAppendTimeMs: stampsTime ? now : -1 }
  }

  // -------------------------------------------------------------- write and flush, called by the flusher

  writePending(): PendingWrite {
    const pending = this.#pending
    if (pending.length === 0 || this.#offline !== undefined) return NOTHING_PENDING
    const mark = this.segments.mark()
    const writer = this.#newWriter()
    try {
      this.#write(pending, writer)
    } catch (error) {
      this.#caches.forgetFrom((pending[0] as PendingBatch).baseOffset)
      this.segments.cutTo(mark)
      throw error
    }
    const unjournaled = this.#isDurable
      ? this.#unjournaledExtents((pending[0] as PendingBatch).baseOffset)
      : []
    if (!this.#isDurable) this.#unjournaledFrom ??= (pending[0] as PendingBatch).baseOffset
    for (const batch of pending) {
      const { block, start, baseOffset, lastOffset } = batch
      this.#tail.add(block, {
        start,
        end: start + batch.sizeBytes,
        baseOffset,
        endOffset: lastOffset + 1,
      })
    }
    this.#pending = []
    this.#writtenEnd = this.#logEndOffset
    this.#uncounted.add(pending, this.#writtenEnd, writer.sizeBytes)
    if (!this.#isDurable) this.#tools.world.clock.endOfTurn(() => this.#countRelaxed())
    return {
      sizeBytes: writer.sizeBytes,
      entries: unjournaled.length === 0 ? writer.entries : [...unjournaled, ...writer.entries],
    }
  }

  #newWriter(): PendingWriter {
    return new PendingWriter({
      topicId: this.identity.topicId,
      partition: this.identity.partition,
      indexIntervalBytes: this.#settings.indexIntervalBytes,
      inlineBytesMax: this.#tools.limits.journalInlineBytesMax,
      isJournaled: this.#isDurable,
    })
  }

  #write(pending: readonly PendingBatch[], writer: PendingWriter): void {
    const { segmentBytes, segmentJitterMs, segmentIndexBytes, indexIntervalBytes } = this.#settings
    const segmentMs = rollAfterMs(this.#settings)
    const rollMs = segmentMs - Math.min(segmentMs, segmentJitterMs) * this.#jitterShare
    const limits = { segmentBytes, segmentIndexBytes, indexIntervalBytes, rollMs }
    const now = this.#tools.world.clock.now()
    let segment = this.segments.active
    for (let index = 0; index < pending.length; index++) {
      const batch = pending[index] as PendingBatch
      if (segment.isFullFor(batch, limits, now)) {
        writer.flush()
        this.#caches.snapshotAt(
          batch.baseOffset,
          producersBefore(this.producers, pending.slice(index)),
        )
        segment = this.segments.roll(batch.baseOffset, now)
      }
      writer.add(batch, segment)
    }
    writer.flush()
  }

  /** A log that turned from relaxed to durable owes the journal what is written and not synced. */
  #unjournaledExtents(endOffset: number): JournalEntry[] {
    const baseOffset = this.#unjournaledFrom ?? endOffset
    this.#unjournaledFrom = undefined
    const { topicId, partition } = this.identity
    const owner = { topicId, partition, leaderEpoch: this.#leaderEpoch }
    return extentsOf(this.segments, owner, { baseOffset, endOffset })
  }

  durableUpTo(offset: number): void {
    this.#countUpTo(Math.min(offset, this.#writtenEnd))
  }

  /** In relaxed mode what is written counts, in a call of its own: the flusher is still at work when a write returns. */
  #countRelaxed(): void {
    this.#countUpTo(this.#writtenEnd)
    if (this.#writtenEnd - this.#syncedEnd >= this.#settings.flushMessages)
      this.#tools.flusher.requestSync(this)
  }

  #countUpTo(offset: number): void {
    if (offset <= this.#ackableEnd || this.#offline !== undefined) return
    const addedBytes = this.#uncounted.countUpTo(offset)
    this.#ackableEnd = offset
    assert(offset <= this.#writtenEnd, 'L2: what counts was written.')
    this.#observer.ackableUpTo(offset, addedBytes)
  }

  appendsRefused(error: DiskError): void {
    const first = this.#pending[0]
    if (first === undefined) return
    this.#tools.world.log.warn('The disk has no room for what was produced.', {
      path: this.identity.directory,
      code: error.code,
    })
    this.#takeBackPending()
    this.#observer.appendsFailed(first.baseOffset)
  }

  #takeBackPending(): void {
    const pending = this.#pending
    const first = pending[0]
    if (first === undefined) return
    for (let index = pending.length - 1; index >= 0; index--) {
      const { producerId, previousProducer } = pending[index] as PendingBatch
      if (producerId >= 0) this.producers.restore(producerId, previousProducer)
    }
    this.#pending = []
    this.#logEndOffset = first.baseOffset
    this.leaderEpochs.truncateFromEnd(first.baseOffset + 1)
  }

  storageFailed(error: DiskError): void {
    if (this.#offline !== undefined) return
    this.#offline = error
    this.#takeBackPending()
    this.#tail.clear()
    this.#chunk.release()
    this.#observer.appendsFailed(this.#ackableEnd)
  }

  syncSegments(): Promise<number> {
    this.#lastSync = this.#sync()
    return this.#lastSync
  }

  async #sync(): Promise<number> {
    const upTo = this.#writtenEnd
    if (this.#isClosed || upTo === this.#syncedEnd) return this.#syncedEnd
    await this.segments.syncFrom(this.#syncedEnd)
    // Offline: what was acknowledged before is made durable, and the next start looks through it.
    if (this.#offline === undefined) await this.#caches.write(upTo)
    this.#syncedEnd = Math.max(this.#syncedEnd, upTo)
    if (this.#unjournaledFrom !== undefined && this.#unjournaledFrom <= upTo) {
      this.#unjournaledFrom = upTo < this.#writtenEnd ? upTo : undefined
    }
    return this.#syncedEnd
  }

  // -------------------------------------------------------------- read

  /**
   * Whole batches from the one that holds `range.offset` on: at once when the tail cache has them, else from the disk. Nothing when
   * the offset is not in the log any more. Rejects with a `DiskError` when the log cannot be read.
   */
  read(range: ReadRange): ReadResult | Promise<ReadResult> {
    return this.#offline === undefined ? this.#reader.read(range) : Promise.reject(this.#offline)
  }

  /** About how many bytes lie between the offsets; 0 exactly when there is nothing. */
  bytesBetween(offset: number, endOffset: number): number {
    return this.#reader.bytesBetween(offset, endOffset)
  }

  // -------------------------------------------------------------- what leaves the log

  /** Records below `offset` are no more part of the log; their segments go with the next `retain`. */
  startAt(offset: number): void {
    assert(offset <= this.#ackableEnd, 'L10: only committed records are deleted.')
    if (offset <= this.#logStartOffset) return
    this.#logStartOffset = offset
    this.leaderEpochs.truncateFromStart(offset)
  }

  /** Deletes the segments that retention or DeleteRecords have given up. Never run twice at once. */
  async retain(now: number, highWatermark: number): Promise<void> {
    if (this.#offline !== undefined || this.#isClosed) return
    const segments = this.segments.all
    const { logStartOffset, logEndOffset } = this
    const count = await expiredSegmentCount({
      segments,
      settings: this.#settings,
      logStartOffset,
      logEndOffset,
      highWatermark,
      now,
    })
    if (
      count === 0 ||
      this.isClosedOrOffline ||
      this.#logEndOffset !== logEndOffset ||
      this.#pending.length > 0
    )
      return
    if (count === segments.length) await this.#rollForRetention(now)
    if (this.isClosedOrOffline) return
    // The snapshot at the new start stands in for what the deleted batches said of their producers.
    await this.#caches.writeSnapshots()
    if (this.isClosedOrOffline) return
    const dropped = this.segments.dropFirst(count)
    this.startAt(this.segments.first.baseOffset)
    await this.removal.remove(dropped, this.#settings.fileDeleteDelayMs)
  }

  /** Everything has expired: a new, empty segment remembers the log's end, and is on the disk before the others go. */
  async #rollForRetention(now: number): Promise<void> {
    this.#caches.snapshotAt(this.#logEndOffset, [...this.producers.entries()])
    const segment = this.segments.roll(this.#logEndOffset, now)
    segment.createNow()
    await segment.sync()
  }

  get isClosedOrOffline(): boolean {
    return this.#isClosed || this.#offline !== undefined
  }

  // -------------------------------------------------------------- the end

  /** The partition is deleted, or the broker failed: nothing is written any more, not even by a sync that had begun. */
  async abandon(): Promise<void> {
    this.#isClosed = true
    this.#pending = []
    // What came of the sync is the flusher's to judge.
    await this.#lastSync?.catch(() => undefined)
    await this.#letGo()
  }

  async #letGo(): Promise<void> {
    this.removal.close()
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
      assert(this.#pending.length === 0, 'A log is closed after its last write.')
      if (this.#hasFolder && !this.#caches.isWholeAt(this.#writtenEnd)) await this.#writeRest()
    }
    await this.#letGo()
  }

  async #writeRest(): Promise<void> {
    this.segments.active.seal()
    await this.segments.syncFrom(this.#syncedEnd)
    this.#caches.snapshotAt(this.#writtenEnd, [...this.producers.entries()])
    await this.#caches.writeAll(this.#writtenEnd)
  }
}

const OFFLINE: BatchRefusal = {
  error: 'KAFKA_STORAGE_ERROR',
  message: 'The log of the partition is offline.',
}
