import type { DiskError } from '../world.ts'
import type { JournalEntry } from './journal/entry.ts'

/**
 * A partition's log as the flusher sees it. The log calls `flusher.markDirty(this)` when it took an append; at the end of
 * the turn the flusher calls `writePending`, commits what it returns to the journal as part of one group, and answers with
 * `durableUpTo`. All calls come from one event loop, never from within another call into the same log.
 */
export interface DirtyLog {
  readonly topicId: string
  readonly partition: number
  /** `flush.ms`: how long bytes of a relaxed log may stay unsynced. Infinity, and for a durable log, the flusher's own rule. */
  readonly flushMs: number

  /**
   * Writes all pending bytes to the segments (into the page cache) and says what of it is to be journaled: for a durable log
   * every byte, in offset order and without a gap; for a relaxed one nothing. Throws a `DiskError` when a write failed: then
   * nothing of this call may count as written (what came before does), and `appendsRefused` or `storageFailed` follows.
   *
   * The bytes before the first entry of a log must be durable already or be covered by an earlier entry: a log that turns
   * from relaxed to durable begins with an extent over all that is unsynced.
   */
  writePending(): PendingWrite

  /** Bytes that `writePending` would write. */
  readonly pendingBytes: number

  /**
   * The same by the thread pool, for the first of the pending bytes at least: what is left is pending still. They stay pending until it has
   * ended, and nothing else of the log is written meanwhile. Rejects with a `DiskError` where `writePending` throws one: then all that is pending
   * by now is taken back. Nothing was written as far as anybody is concerned when the log was deleted or went offline meanwhile.
   */
  writePendingInPool(): Promise<PendingWrite>

  /** All records below `offset` are durable: the high watermark may advance, answers may leave. */
  durableUpTo(offset: number): void

  /**
   * The pending bytes could not be written for want of space: take those appends back (log end
   * offset, producer state), answer them with KAFKA_STORAGE_ERROR, and stay online.
   */
  appendsRefused(error: DiskError): void

  /**
   * The disk failed: nothing beyond the last `durableUpTo` will become durable (L6). Go offline, answer all that waits with
   * KAFKA_STORAGE_ERROR, write nothing more. The bytes on disk stay as they are.
   */
  storageFailed(error: DiskError): void

  /**
   * Makes everything durable in the segments that `writePending` wrote before this call, with the names of new files, so that
   * the journal need not keep it. Returns the offset up to which the segments are synced (the recovery point). Rejects with a `DiskError`.
   * Resolves at once for a log that was closed or deleted. One that went offline because it could not be written syncs what it wrote before.
   */
  syncSegments(): Promise<number>
}

export interface PendingWrite {
  /** Bytes written to segments by this call, journaled or not. */
  readonly sizeBytes: number
  readonly entries: readonly JournalEntry[]
}

/** The flusher as a log sees it. */
export interface LogFlusher {
  /** The log took an append: it is written at the end of this turn. */
  markDirty(log: DirtyLog): void
  /** Starts syncing the log's segments in the background (`flush.messages` was reached, a segment was rolled). */
  requestSync(log: DirtyLog): void
  /**
   * Asked by a relaxed log before what it wrote, up to `endOffset`, counts: true while the disk does not keep up with what all logs write. Then
   * these records count when it does again, by `durableUpTo`, so that who produces them waits instead of the event loop. Those beyond do not:
   * the log may have turned durable meanwhile.
   */
  holdsBack(log: DirtyLog, endOffset: number): boolean
  /** Whether what the log took waits for the disk: for its own write by the thread pool, or for those of others to end. */
  isBehind(log: DirtyLog): boolean
  /** The log was deleted or taken offline: nothing of it needs to be kept or synced any more. */
  forget(log: DirtyLog): void
  /** Set while the disk is too full for appends of clients: refuse them with KAFKA_STORAGE_ERROR. Internal topics go on. */
  readonly spaceError: DiskError | undefined
}
