import { BATCH_HEADER_BYTES, type ErrorName, RecordBatch } from '@varve/protocol'
import { assert } from '../assert.ts'
import type { AbortedTransaction } from '../log/aborted-transaction.ts'
import type { AppendOptions, AppendResult } from '../log/append.ts'
import type { BatchRefusal } from '../log/batch-door.ts'
import type { LogSettings } from '../log/log-settings.ts'
import type { LogIdentity, LogState } from '../log/log-state.ts'
import type { LogTools } from '../log/log-tools.ts'
import { PartitionLog } from '../log/partition-log.ts'
import { needsVerification } from '../log/producer-door.ts'
import type { ProducerEntry } from '../log/producer-state.ts'
import type { ReadResult } from '../log/read-result.ts'
import { findTimestamp, maxTimestampOf } from '../log/timestamp-lookup.ts'
import type { TransactionMarker } from '../log/transaction-marker.ts'
import type { Verification, Verifications } from '../log/verifications.ts'
import { DiskError } from '../world.ts'
import { type AddedBytes, CommitProgress } from './commit-progress.ts'
import type { Committed } from './commit-waiters.ts'

export type { AppendOptions } from '../log/append.ts'
export type { BatchRefusal } from '../log/batch-door.ts'
export type { ReadResult } from '../log/read-result.ts'
export type { AddedBytes } from './commit-progress.ts'

/** How far a reader may see: consumers to one of the first two, followers to the log's end. */
export type ReadLimit = 'high watermark' | 'last stable offset' | 'log end'

export interface ReadRequest {
  readonly offset: number
  readonly maxBytes: number
  readonly upTo: ReadLimit
  /** Returns the first batch even when it is larger than `maxBytes` (KIP-74). */
  readonly firstBatchWhole: boolean
}

/** A batch that is in the log, or was: then these are the offsets that it has had since. */
export interface Appended {
  readonly outcome: 'appended' | 'duplicate'
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 when the records keep the producer's time. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
}

/** Hears of records that can be read now. */
export interface PartitionWatcher {
  advanced(partition: Partition, added: AddedBytes): void
}

/** The largest epoch not above the one asked for, and the offset where it ended. */
export interface EpochEndOffset {
  readonly epoch: number
  readonly endOffset: number
}

/** A record found by its time. */
export interface TimestampOffset {
  readonly offset: number
  readonly timestamp: number
  /** -1 when it is not known. */
  readonly leaderEpoch: number
}

/** What DeleteRecords has come to. */
export interface DeletedRecords {
  readonly logStartOffset: number
}

export interface PartitionOptions {
  readonly identity: LogIdentity
  readonly settings: LogSettings
  readonly tools: LogTools
  /** `internal`: a topic that the broker itself writes, which goes on when the disk is nearly full. */
  readonly kind: 'user' | 'internal'
  /** Makes the starts of all logs durable as they are at the call. */
  readonly persistLogStart: () => Promise<void>
  /** Makes the folder of a log that has none, durably; what is wrong when there is none afterwards. */
  readonly makeFolder: () => Promise<ErrorName>
}

/**
 * One partition as handlers, long polls and coordinators see it: a log with a leader epoch and a high watermark. Up to the high
 * watermark records are committed; readers never see more, and acknowledgements wait for it (L2).
 */
export class Partition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly #tools: LogTools
  readonly #kind: PartitionOptions['kind']
  readonly #persistLogStart: () => Promise<void>
  readonly #makeFolder: () => Promise<ErrorName>
  readonly #watchers = new Set<PartitionWatcher>()
  /** Both are there unless the log could not be loaded. */
  readonly #log: PartitionLog | undefined
  readonly #progress: CommitProgress | undefined
  #loadFailure: DiskError | undefined
  #ended: Exclude<ErrorName, 'NONE'> | undefined
  #leaderEpoch = -1

  /** `loaded` is a `DiskError` when the log could not be loaded: the partition is there, and offline. */
  constructor(options: PartitionOptions, loaded: LogState | DiskError) {
    const { identity, settings, tools } = options
    this.topic = identity.topic
    this.topicId = identity.topicId
    this.partition = identity.partition
    this.#tools = tools
    this.#kind = options.kind
    this.#persistLogStart = options.persistLogStart
    this.#makeFolder = options.makeFolder
    if (loaded instanceof DiskError) {
      this.#loadFailure = loaded
      return
    }
    const observer = {
      ackableUpTo: (offset: number, addedBytes: number) =>
        this.#progress?.advance(offset, addedBytes),
      appendsFailed: (offset: number) => this.#progress?.fail(offset, 'KAFKA_STORAGE_ERROR'),
    }
    const log = new PartitionLog(identity, loaded, { settings, tools, observer })
    this.#log = log
    this.#progress = new CommitProgress(log, log.ackableEnd, added => this.#tell(added))
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch
  }

  /** True when the log could not be loaded or its disk failed: everything is answered with KAFKA_STORAGE_ERROR until a restart. */
  get isOffline(): boolean {
    return this.#log === undefined || this.#log.isOffline
  }

  /** True once the partition was deleted or closed: nothing is appended any more, though its log may not know it yet. */
  get hasEnded(): boolean {
    return this.#ended !== undefined
  }

  get logStartOffset(): number {
    return this.#log?.logStartOffset ?? 0
  }

  /** Below it nothing can be read any more, though nobody was told yet. */
  get firstHeldOffset(): number {
    return this.#log?.firstHeldOffset ?? 0
  }

  /** The offset of the next record. An offline log without known end reaches as far as anybody asks, so that no offset is out of its range. */
  get logEndOffset(): number {
    return this.#log?.logEndOffset ?? Number.MAX_SAFE_INTEGER
  }

  /** All records below it are committed. It never goes back. */
  get highWatermark(): number {
    return this.#progress?.highWatermark ?? 0
  }

  /**
   * Where readers of committed transactions must stop: the first transaction that is open, or whose marker is not committed, or the high
   * watermark. Never below the log's start, which deletion may move into an open transaction.
   */
  get lastStableOffset(): number {
    return this.#progress?.lastStableOffset ?? 0
  }

  /** The bytes of all segments on the disk. */
  get sizeBytes(): number {
    return this.#log?.segments.sizeBytes ?? 0
  }

  get settings(): LogSettings | undefined {
    return this.#log?.settings
  }

  /** True while earlier appends wait for the disk: this one does, too. */
  get isBehind(): boolean {
    return this.#log !== undefined && this.#tools.flusher.isBehind(this.#log)
  }

  /** The log, for those who keep house (`partition-directory.ts`). */
  get log(): PartitionLog | undefined {
    return this.#log
  }

  /** False for a partition of an internal topic that nothing was ever appended to: it is read like any empty one. */
  get hasFolder(): boolean {
    return this.#log?.hasFolder ?? true
  }

  /** Makes the folder if there is none, durably (L7); from `NONE` on the partition can be appended to. */
  makeFolder(): Promise<ErrorName> {
    return this.hasFolder ? Promise.resolve('NONE') : this.#makeFolder()
  }

  /** Records are appended under this epoch from now on. */
  lead(leaderEpoch: number): void {
    if (leaderEpoch === this.#leaderEpoch) return
    assert(leaderEpoch > this.#leaderEpoch, 'R12: leader epochs grow.')
    this.#leaderEpoch = leaderEpoch
    this.#log?.lead(leaderEpoch)
  }

  /**
   * Appends one batch in this very call, or says why not. The answer to the producer waits: `whenCommitted(lastOffset + 1, ...)`,
   * for a duplicate as well, whose original may not be committed yet (T1).
   */
  append(records: Uint8Array, options: AppendOptions): Appended | BatchRefusal {
    const log = this.#log
    if (this.#ended !== undefined) return { error: this.#ended, message: 'The partition is gone.' }
    if (log === undefined) return OFFLINE
    if (this.#kind === 'user' && this.#tools.flusher.spaceError !== undefined) return NO_SPACE
    return this.#appended(log, log.append(records, options))
  }

  /**
   * Appends the marker that ends a transaction here, in this very call, or says why not; with a full disk, too. `duplicate` for one that had
   * ended before. Who wants to know when it counts waits: `whenCommitted(lastOffset + 1, ...)`.
   */
  appendMarker(marker: TransactionMarker, now: number): Appended | BatchRefusal {
    const log = this.#log
    if (this.#ended !== undefined) return { error: this.#ended, message: 'The partition is gone.' }
    return log === undefined ? OFFLINE : this.#appended(log, log.appendMarker(marker, now))
  }

  #appended(log: PartitionLog, result: AppendResult): Appended | BatchRefusal {
    if ('error' in result) return result
    const { outcome, baseOffset, lastOffset, logAppendTimeMs } = result
    return { outcome, baseOffset, lastOffset, logAppendTimeMs, logStartOffset: log.logStartOffset }
  }

  /**
   * T7: to be called before the coordinator of a transaction is asked whether the batch may begin it here; what comes back goes with the batch to
   * `append`. Undefined when nobody has to be asked: the batch is no part of a transaction, or of one that is open here, or would be refused anyway.
   */
  beginVerification(records: Uint8Array, mode: Verification['mode']): Verification | undefined {
    const log = this.#log
    if (log === undefined || records.length < BATCH_HEADER_BYTES) return undefined
    const batch = new RecordBatch(records)
    return needsVerification(batch, log)
      ? this.beginVerificationFor({ ...producerOf(batch), mode }, batch.baseSequence)
      : undefined
  }

  /** The same for what a coordinator is about to write, whose batch is not built yet and will have no sequence: that is -1. */
  beginVerificationFor(wanted: Verification, baseSequence: number): Verification | undefined {
    const entry = this.#log?.producers.get(wanted.producerId)
    const isOpen = entry !== undefined && entry.transactionFirstOffset >= 0
    if (isOpen && entry.producerEpoch === wanted.producerEpoch) return undefined
    return this.#log?.verifications.begin(wanted, baseSequence, this.#tools.producerQuota.sweep)
  }

  /** Who waits for the coordinators of transactions; undefined when the log could not be loaded. */
  get verifications(): Verifications | undefined {
    return this.#log?.verifications
  }

  /** The coordinator has said no, for good. */
  endVerification(verification: Verification): void {
    this.#log?.verifications.refuse(verification)
  }

  /** All producers that the partition remembers (KIP-664). */
  *activeProducers(): IterableIterator<ProducerEntry> {
    yield* this.#log?.producers.entries() ?? []
  }

  /** How often compaction has replaced segments: who reads twice learns whether that was of the same ones. */
  get segmentReplacements(): number {
    return this.#log?.segments.replacements ?? 0
  }

  /** Whether an aborted transaction may have records at or after `offset`; false spares `abortedBetween`. */
  mayHaveAborted(offset: number): boolean {
    return this.#log?.aborted.mayHave(offset) ?? false
  }

  /**
   * The aborted transactions with a record in `[offset, endOffset)`, by their first offset, for a reader of committed records: at once when
   * the indexes are in memory. Rejects with a `DiskError`.
   */
  abortedBetween(
    offset: number,
    endOffset: number,
  ): readonly AbortedTransaction[] | Promise<readonly AbortedTransaction[]> {
    return this.#log?.aborted.between(offset, endOffset) ?? []
  }

  /**
   * Calls `done` once the high watermark has reached `nextOffset` (at once if it has), or when it never will: the records were lost to a
   * failed write, or the partition has ended.
   */
  whenCommitted(nextOffset: number, done: Committed): void {
    if (nextOffset <= this.highWatermark) done('NONE')
    else if (this.#ended !== undefined) done(this.#ended)
    else if (this.isOffline) done('KAFKA_STORAGE_ERROR')
    else this.#progress?.wait(nextOffset, done)
  }

  /**
   * Whole batches from the one that holds `offset`, in parts that may be sent as they are; at once when they are in memory.
   * Nothing when there is nothing to read. Rejects with a `DiskError` when the log is offline or cannot be read.
   */
  read(request: ReadRequest): ReadResult | Promise<ReadResult> {
    const log = this.#log
    if (log === undefined) return Promise.reject(this.#loadFailure)
    const { offset, maxBytes, firstBatchWhole } = request
    return log.read({ offset, maxBytes, firstBatchWhole, endOffset: this.#limitOf(request.upTo) })
  }

  /** About how many bytes a reader at `offset` could get. 0 exactly when it would get nothing; an offline log has an error to tell. */
  bytesAvailable(offset: number, upTo: ReadLimit): number {
    if (this.#log === undefined || this.#log.isOffline) return 1
    return this.#log.bytesBetween(offset, this.#limitOf(upTo))
  }

  /** Tells `watcher` of every advance of the high watermark until `unwatch`. */
  watch(watcher: PartitionWatcher): void {
    this.#watchers.add(watcher)
  }

  unwatch(watcher: PartitionWatcher): void {
    this.#watchers.delete(watcher)
  }

  /**
   * The first record with a timestamp at or after `timestamp`; undefined when there is none. It may lie beyond what a reader may see: then
   * there is none for that reader (L9).
   */
  async offsetForTimestamp(timestamp: number): Promise<TimestampOffset | ErrorName | undefined> {
    const log = this.#log
    if (log === undefined || log.isOffline) return 'KAFKA_STORAGE_ERROR'
    const found = await log.segments.reading(() =>
      findTimestamp(log.segments.from(log.logStartOffset), {
        timestamp,
        from: log.logStartOffset,
        endOffset: log.writtenEnd,
        codecs: this.#tools.codecs,
        maxDecompressedBytes: log.settings.maxDecompressedBytes,
      }),
    )
    if (found === undefined || typeof found === 'string') return found
    return { ...found, leaderEpoch: this.leaderEpochOf(found.offset) }
  }

  /** The first of the records with the largest timestamp (KIP-734); undefined when no record has one. */
  async offsetOfMaxTimestamp(): Promise<TimestampOffset | ErrorName | undefined> {
    const log = this.#log
    if (log === undefined || log.isOffline) return 'KAFKA_STORAGE_ERROR'
    const maxTimestamp = await log.segments.reading(() =>
      maxTimestampOf(log.segments.from(log.logStartOffset)),
    )
    if (maxTimestamp < 0) return undefined
    // The newest record may be written and not committed yet: its time is near.
    const error = await new Promise<ErrorName>(resolve =>
      this.whenCommitted(log.writtenEnd, resolve),
    )
    return error === 'NONE' ? this.offsetForTimestamp(maxTimestamp) : error
  }

  /** The end of the largest epoch not above `leaderEpoch` (KIP-101); undefined when no such epoch is known. */
  endOffsetForEpoch(leaderEpoch: number): EpochEndOffset | undefined {
    const end = this.#log?.leaderEpochs.endOf(leaderEpoch, this.logEndOffset)
    return end === undefined || end.leaderEpoch < 0
      ? undefined
      : { epoch: end.leaderEpoch, endOffset: end.endOffset }
  }

  /** The epoch under which the record at `offset` was written; -1 when it is not known. */
  leaderEpochOf(offset: number): number {
    return this.#log?.leaderEpochs.epochOf(offset) ?? -1
  }

  /**
   * Deletes the records below `offset` (-1: below the high watermark); resolves when that will outlive a crash, with the new start of
   * the log. What lies in the same segment as a record that stays is hidden, not removed.
   */
  async deleteRecordsBefore(offset: number): Promise<DeletedRecords | ErrorName> {
    const log = this.#log
    if (log === undefined || log.isOffline) return 'KAFKA_STORAGE_ERROR'
    const policy = log.settings.cleanupPolicy
    if (policy.includes('compact') && !policy.includes('delete')) return 'POLICY_VIOLATION'
    const target = offset === -1 ? this.highWatermark : offset
    if (target < 0 || target > this.highWatermark) return 'OFFSET_OUT_OF_RANGE'
    log.willStartAt(target)
    const { nextStartOffset } = log
    // Also when it lies there already: who moved it may be waiting for the disk still, or have been told that it failed.
    await this.#persistLogStart()
    log.startAt(nextStartOffset)
    return { logStartOffset: log.logStartOffset }
  }

  /** The partition is deleted or closed: who waits learns it, and so does whoever comes later. */
  end(error: Exclude<ErrorName, 'NONE'>): void {
    this.#ended ??= error
    this.#progress?.fail(-1, error)
    for (const watcher of [...this.#watchers]) watcher.advanced(this, NOTHING_ADDED)
    this.#watchers.clear()
  }

  #tell(added: AddedBytes): void {
    for (const watcher of this.#watchers) watcher.advanced(this, added)
  }

  #limitOf(upTo: ReadLimit): number {
    switch (upTo) {
      case 'high watermark':
        return this.highWatermark
      case 'last stable offset':
        return this.lastStableOffset
      case 'log end':
        return this.#log?.writtenEnd ?? 0
    }
  }
}

const NOTHING_ADDED: AddedBytes = { committedBytes: 0, stableBytes: 0 }

function producerOf({ producerId, producerEpoch }: RecordBatch) {
  return { producerId, producerEpoch }
}

const OFFLINE: BatchRefusal = {
  error: 'KAFKA_STORAGE_ERROR',
  message: 'The log of the partition is offline.',
}
const NO_SPACE: BatchRefusal = {
  error: 'KAFKA_STORAGE_ERROR',
  message: 'The disk of the broker is full.',
}
