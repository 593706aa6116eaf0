/**
 * Syncs segments in the background, a few logs at a time, by bytes and by age, so that the journal need not keep their entries. While the disk
 * does not keep up it begins with the logs that have the most, and holds relaxed logs back.
 */
import { DiskError, type Timer, type World } from '../world.ts'
import type { DirtyLog, PendingWrite } from './dirty-log.ts'
import type { FlusherLimits } from './flusher-limits.ts'
import { type Journal, journalKey } from './journal/journal.ts'
import { UnsyncedLogs } from './unsynced-logs.ts'

export interface SegmentSyncsOptions {
  readonly world: World
  /** Hears what was synced, and says what it waits for. */
  readonly journal: Pick<Journal, 'mark' | 'segmentsSynced' | 'whenPressed'> | undefined
  readonly limits: FlusherLimits
  /** A sync failed: nothing is certain any more on this disk. It may be called again. */
  readonly onFailure: (error: DiskError) => void
  /** A sync has ended, in whatever way. */
  readonly onEnd: () => void
  /** Called with each look for what is old; `more` when the next is needed though all is synced. */
  readonly onCheck: () => 'more' | 'nothing'
}

const CHECK_EVERY_MS = 250
/** At a stop nobody is served any more; syncs that come together share the work of the file system. */
const AT_ONCE_CLOSING = 16

export class SegmentSyncs {
  readonly #options: SegmentSyncsOptions
  /** Those that wrote something since the start. */
  readonly #logs = new Map<string, DirtyLog>()
  readonly #unsynced = new UnsyncedLogs()
  /** Relaxed logs whose records do not count yet, and up to where they do when the disk keeps up again. */
  readonly #heldBack = new Map<DirtyLog, number>()
  readonly #queue: DirtyLog[] = []
  readonly #syncing = new Set<DirtyLog>()
  #checkTimer: Timer | undefined
  #isClosing = false
  #isStopped = false
  #isShortOfFiles = false

  constructor(options: SegmentSyncsOptions) {
    this.#options = options
    options.journal?.whenPressed(blocking => this.#syncBlocking(blocking))
  }

  /** The logs that wrote something. */
  logs(): IterableIterator<DirtyLog> {
    return this.#logs.values()
  }

  get isAtWork(): boolean {
    return this.#syncing.size > 0
  }

  get hasQueued(): boolean {
    return this.#queue.length > 0
  }

  /** Nothing is unsynced but what is being synced. */
  get isAllBegun(): boolean {
    return this.#unsynced.size === 0
  }

  /** A log wrote to its segments. What has no entries is not journaled, and is synced sooner. */
  wrote(log: DirtyLog, { sizeBytes, entries }: PendingWrite): void {
    this.#logs.set(journalKey(log), log)
    this.#noteUnsynced(log, sizeBytes)
    const { unsyncedBytes, writeBackBytes } = this.#options.limits
    const bytesMax = entries.length > 0 ? unsyncedBytes : writeBackBytes
    if ((this.#unsynced.get(log)?.bytes ?? 0) >= bytesMax) this.request(log)
    this.#relieve()
  }

  /** Syncs the log soon, if it has anything that is not synced. */
  request(log: DirtyLog): void {
    const unsynced = this.#unsynced.get(log)
    if (unsynced === undefined || unsynced.isQueued || this.#isStopped) return
    unsynced.isQueued = true
    this.#queue.push(log)
    this.#startSyncs()
  }

  /** Whether what a relaxed log wrote has to wait: see `LogFlusher`. */
  holdsBack(log: DirtyLog, endOffset: number): boolean {
    if (this.#unsynced.totalBytes < this.#totalBytesMax || this.#isStopped) return false
    this.#heldBack.set(log, endOffset)
    return true
  }

  /** The log is gone. */
  forget(log: DirtyLog): void {
    this.#heldBack.delete(log)
    this.#unsynced.forget(log)
    this.#logs.delete(journalKey(log))
    // What it had unsynced may be what the others waited for, and no sync need be under way that would tell them.
    if (this.#heldBack.size > 0) this.#options.world.clock.endOfTurn(() => this.#letGo())
  }

  /** For the stop: many at once from now on, and what cannot be opened has failed. */
  hurry(): void {
    this.#isClosing = true
  }

  requestAll(): void {
    for (const log of [...this.#unsynced.keys()]) this.request(log)
  }

  /** The storage failed: no sync is asked for any more, nobody is held back. What is queued already ends in the same way. */
  stop(): void {
    this.#isStopped = true
    this.endChecks()
  }

  endChecks(): void {
    this.#checkTimer?.cancel()
  }

  get #totalBytesMax(): number {
    return this.#options.limits.unsyncedTotalBytes ?? Number.POSITIVE_INFINITY
  }

  /** Starts on the logs with the most unsynced bytes when all together have too many. While files cannot be opened that is left to the checks. */
  #relieve(): void {
    while (
      !this.#isStopped &&
      !this.#isShortOfFiles &&
      this.#unsynced.totalBytes >= this.#totalBytesMax / 2 &&
      this.#queue.length + this.#syncing.size < this.#options.limits.syncsAtOnce
    ) {
      const largest = this.#unsynced.largest()
      if (largest === undefined) return
      this.request(largest)
    }
  }

  #letGo(): void {
    if (this.#heldBack.size === 0 || this.#unsynced.totalBytes >= this.#totalBytesMax) return
    const held = [...this.#heldBack]
    this.#heldBack.clear()
    for (const [log, endOffset] of held) log.durableUpTo(endOffset)
  }

  #noteUnsynced(log: DirtyLog, bytes: number): void {
    this.#unsynced.add(log, bytes, this.#options.world.clock.monotonic())
    this.#scheduleCheck()
  }

  /**
   * What keeps the journal from reusing its oldest file is synced, even if that is done already: a sync that began before the journal
   * had numbered the entries it covers could not say so.
   */
  #syncBlocking(blocking: ReadonlySet<string>): void {
    for (const key of blocking) {
      const log = this.#logs.get(key)
      if (log === undefined) continue
      if (!this.#unsynced.has(log)) this.#noteUnsynced(log, 0)
      this.request(log)
    }
  }

  #startSyncs(): void {
    const { syncsAtOnce } = this.#options.limits
    const atOnce = this.#isClosing ? AT_ONCE_CLOSING : syncsAtOnce
    while (this.#syncing.size < atOnce) {
      const next = this.#queue.findIndex(log => !this.#syncing.has(log))
      const [log] = next === -1 ? [] : this.#queue.splice(next, 1)
      if (log === undefined) return
      void this.#sync(log)
    }
  }

  async #sync(log: DirtyLog): Promise<void> {
    const { journal, onFailure, onEnd } = this.#options
    const mark = journal?.mark() ?? 0
    this.#syncing.add(log)
    const bytes = this.#unsynced.begin(log)
    try {
      await log.syncSegments()
      this.#unsynced.done(bytes)
      this.#isShortOfFiles = false
      journal?.segmentsSynced(log, mark)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#unsynced.done(bytes)
      if (error.isShortOfFiles && !this.#isClosing) this.#syncLater(log, error, bytes)
      else onFailure(error)
    } finally {
      this.#syncing.delete(log)
      this.#letGo()
      this.#startSyncs()
      this.#relieve()
      onEnd()
    }
  }

  /**
   * What was to be synced could not even be opened, so no sync has failed: the next check tries again, and the journal keeps
   * until then what it keeps.
   */
  #syncLater(log: DirtyLog, { path, code }: DiskError, bytes: number): void {
    if (!this.#isShortOfFiles) {
      const { world } = this.#options
      world.log.warn('too many files are open: segments are synced later', { path, code })
    }
    this.#isShortOfFiles = true
    if (this.#isStopped || this.#logs.get(journalKey(log)) !== log) return
    this.#noteUnsynced(log, bytes)
    const unsynced = this.#unsynced.get(log)
    if (unsynced !== undefined) unsynced.sinceMs = Number.NEGATIVE_INFINITY
  }

  #scheduleCheck(): void {
    this.#checkTimer ??= this.#options.world.clock.after(CHECK_EVERY_MS, () => {
      this.#checkTimer = undefined
      this.#check()
    })
  }

  /** Syncs what is old. No timer runs while all is synced. */
  #check(): void {
    if (this.#isStopped) return
    const { world, limits, onCheck } = this.#options
    const nowMs = world.clock.monotonic()
    for (const [log, { sinceMs }] of [...this.#unsynced.entries()]) {
      const dueMs = sinceMs + Math.min(log.flushMs, limits.unsyncedMs)
      if (dueMs <= nowMs) this.request(log)
    }
    const next = onCheck()
    if (this.#unsynced.size > 0 || next === 'more') this.#scheduleCheck()
  }
}
