/**
 * Turns appends into durable bytes. At the end of each turn of the event loop every log that took appends writes them to its
 * segments, and one group of the journal makes all of it durable. Segments themselves are synced later, in the background,
 * a few at a time, by bytes and by age; after that the journal need not keep their entries.
 */

import { DiskError, type Timer, type World } from '../world.ts'
import type { DirtyLog, LogFlusher, PendingWrite } from './dirty-log.ts'
import type { JournalEntry } from './journal/entry.ts'
import { type Journal, journalKey } from './journal/journal.ts'
import { PoolWrites } from './pool-writes.ts'
import { type SpaceReserve, SpaceWatch } from './space-watch.ts'
import { UnsyncedLogs } from './unsynced-logs.ts'

export interface FlusherOptions {
  readonly world: World
  /** The folder whose space is watched. */
  readonly directory: string
  /** Without a journal (a disk in memory) what is written counts as durable. */
  readonly journal: Journal | undefined
  readonly limits: FlusherLimits
  /** Called once when the storage failed: nothing will become durable any more. */
  readonly onFailure: (error: DiskError) => void
}

export interface FlusherLimits {
  /** A log's segments are synced when this many bytes of it are not. */
  readonly unsyncedBytes: number
  /** The same for what is not journaled (relaxed mode): small, so that unwritten pages never pile up and stall a write. */
  readonly writeBackBytes: number
  /**
   * So many bytes of all logs together may be unsynced. From half of it on the logs with the most are synced; at all of it relaxed logs are held
   * back, or the system would hold up the event loop in the middle of a write. No limit without.
   */
  readonly unsyncedTotalBytes?: number
  /** Writes of one log and turn of this size and more are the thread pool's; others only for a while after a slow one. All are made at once without. */
  readonly poolWriteBytes?: number | undefined
  /** And at the latest after this time. */
  readonly unsyncedMs: number
  /** How many logs are synced at once. */
  readonly syncsAtOnce: number
  /** Undefined where space is not watched. */
  readonly reserve: SpaceReserve | undefined
}

/** What a broker uses that was not told otherwise. */
export const defaultFlusherLimits: FlusherLimits = {
  unsyncedBytes: 16 * 1024 * 1024,
  writeBackBytes: 8 * 1024 * 1024,
  unsyncedTotalBytes: 256 * 1024 * 1024,
  poolWriteBytes: 512 * 1024,
  unsyncedMs: 30_000,
  syncsAtOnce: 2,
  reserve: { bytes: 64 * 1024 * 1024, share: 0.01 },
}

const CHECK_EVERY_MS = 250
/** At a stop nobody is served any more; syncs that come together share the work of the file system. */
const SYNCS_AT_ONCE_CLOSING = 16

export class Flusher implements LogFlusher {
  readonly #world: World
  readonly #directory: string
  readonly #journal: Journal | undefined
  readonly #limits: FlusherLimits
  readonly #onFailure: (error: DiskError) => void
  readonly #space: SpaceWatch | undefined
  readonly #logs = new Map<string, DirtyLog>()
  readonly #unsynced = new UnsyncedLogs()
  /** Relaxed logs whose records do not count yet, and up to where they do when the disk keeps up again. */
  readonly #heldBack = new Map<DirtyLog, number>()
  readonly #syncQueue: DirtyLog[] = []
  readonly #syncing = new Set<DirtyLog>()
  readonly #poolWrites: PoolWrites | undefined
  #dirty = new Set<DirtyLog>()
  #isTurnScheduled = false
  #commitsUnderWay = 0
  #checkTimer: Timer | undefined
  #failure: DiskError | undefined
  #isClosing = false
  #isShortOfFiles = false
  #whenQuiet: (() => void)[] = []

  constructor(options: FlusherOptions) {
    this.#world = options.world
    this.#directory = options.directory
    this.#journal = options.journal
    this.#limits = options.limits
    this.#onFailure = options.onFailure
    const { reserve, poolWriteBytes } = options.limits
    this.#poolWrites = poolWriteBytes === undefined ? undefined : new PoolWrites(poolWriteBytes)
    this.#space = reserve && new SpaceWatch(options.world, options.directory, reserve)
    options.journal?.whenPressed(blocking => this.#syncBlocking(blocking))
  }

  get spaceError(): DiskError | undefined {
    return this.#space?.error
  }

  markDirty(log: DirtyLog): void {
    this.#dirty.add(log)
    this.#scheduleTurn()
  }

  #scheduleTurn(): void {
    if (this.#isTurnScheduled) return
    this.#isTurnScheduled = true
    this.#world.clock.endOfTurn(() => this.#flush())
  }

  holdsBack(log: DirtyLog, endOffset: number): boolean {
    if (this.#unsynced.totalBytes < this.#totalBytesMax || this.#failure !== undefined) return false
    this.#heldBack.set(log, endOffset)
    return true
  }

  isBehind(log: DirtyLog): boolean {
    const pool = this.#poolWrites
    return pool !== undefined && (pool.has(log) || (pool.isFull && this.#dirty.has(log)))
  }

  requestSync(log: DirtyLog): void {
    const unsynced = this.#unsynced.get(log)
    if (unsynced === undefined || unsynced.isQueued || this.#failure !== undefined) return
    unsynced.isQueued = true
    this.#syncQueue.push(log)
    this.#startSyncs()
  }

  forget(log: DirtyLog): void {
    this.#dirty.delete(log)
    this.#heldBack.delete(log)
    this.#poolWrites?.forget(log)
    this.#unsynced.forget(log)
    this.#logs.delete(journalKey(log))
    this.#journal?.forget(log)
    // What it had unsynced may be what the others waited for, and no sync need be under way that would tell them.
    if (this.#heldBack.size > 0) this.#world.clock.endOfTurn(() => this.#letGo())
    this.#becomeQuiet()
  }

  /** Stops without writing anything more: the broker ends as after a crash. Resolves when the journal's files are closed. */
  async abandon(): Promise<void> {
    this.#failure ??= new DiskError('go on with', this.#directory, 'ECANCELED')
    this.#dirty.clear()
    this.#poolWrites?.forgetAll()
    this.#space?.close()
    this.#checkTimer?.cancel()
    this.#journal?.fail(this.#failure)
    await this.#journal?.close()
  }

  /** Writes and syncs everything; then the journal can be closed and removed. The logs must take no more appends. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#flush()
    while (this.#failure === undefined && !this.#isQuiet) {
      for (const log of [...this.#unsynced.keys()]) this.requestSync(log)
      await new Promise<void>(resolve => this.#whenQuiet.push(resolve))
    }
    this.#space?.close()
    this.#checkTimer?.cancel()
    if (this.#failure !== undefined) throw this.#failure
    await this.#journal?.close()
  }

  #flush(): void {
    this.#isTurnScheduled = false
    const dirty = this.#dirty
    if (dirty.size === 0) return
    this.#dirty = new Set()
    const entries: JournalEntry[] = []
    const ends = new Map<DirtyLog, number>()
    for (const log of dirty) {
      if (this.#leavesToPool(log)) continue
      const written = this.#write(log)
      if (written === undefined) continue
      for (const entry of written.entries) entries.push(entry)
      const end = written.entries.at(-1)?.endOffset
      if (end !== undefined) ends.set(log, end)
    }
    if (ends.size > 0) this.#commit(entries, ends)
  }

  /** Whether the pool writes what the log has, or will when it has room: then the log stays dirty until the end of a write makes the next turn. */
  #leavesToPool(log: DirtyLog): boolean {
    const pool = this.#poolWrites
    if (pool === undefined || this.#failure !== undefined) return false
    const { pendingBytes } = log
    if (!pool.has(log)) {
      if (this.#isClosing || !pool.isFor(pendingBytes, this.#world.clock.monotonic())) return false
      if (!pool.isFull) {
        void this.#writeInPool(log, pool)
        return true
      }
    }
    this.#dirty.add(log)
    return true
  }

  async #writeInPool(log: DirtyLog, pool: PoolWrites): Promise<void> {
    pool.begin(log)
    const written = await log.writePendingInPool().catch((error: unknown) => {
      if (error instanceof DiskError) return error
      throw error
    })
    // Nobody asks any more what became of a log that was forgotten meanwhile, but others may wait for its place.
    if (pool.end(log)) {
      this.#wroteInPool(log, written)
      if (log.pendingBytes > 0) this.#dirty.add(log)
      else this.#dirty.delete(log)
    }
    if (this.#isClosing) this.#flush()
    else if (this.#dirty.size > 0) this.#scheduleTurn()
    this.#becomeQuiet()
  }

  #wroteInPool(log: DirtyLog, written: PendingWrite | DiskError): void {
    if (this.#failure !== undefined) log.storageFailed(this.#failure)
    else if (written instanceof DiskError) this.#writeFailed(log, written)
    else {
      if (written.sizeBytes > 0) this.#wrote(log, written)
      const end = written.entries.at(-1)?.endOffset
      if (end !== undefined) this.#commit(written.entries, new Map([[log, end]]))
    }
  }

  /** Lets one log write. When that fails it concerns this log alone: it takes the appends back, or goes offline. */
  #write(log: DirtyLog): PendingWrite | undefined {
    if (this.#failure !== undefined) {
      log.storageFailed(this.#failure)
      return undefined
    }
    try {
      const began = this.#world.clock.monotonic()
      const written = log.writePending()
      this.#poolWrites?.heldUp(began, this.#world.clock.monotonic())
      if (written.sizeBytes > 0) this.#wrote(log, written)
      return written
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#writeFailed(log, error)
      return undefined
    }
  }

  #writeFailed(log: DirtyLog, error: DiskError): void {
    if (error.isFullDisk || error.isShortOfFiles) {
      if (error.isFullDisk) this.#space?.foundFull(error)
      log.appendsRefused(error)
      return
    }
    const { topicId, partition } = log
    const { path, code } = error
    this.#world.log.error('a segment cannot be written: its partition goes offline', {
      topicId,
      partition,
      path,
      code,
    })
    // What it wrote before is acknowledged: the journal keeps it until the segments are synced, as for any log.
    log.storageFailed(error)
  }

  #wrote(log: DirtyLog, { sizeBytes, entries }: PendingWrite): void {
    this.#logs.set(journalKey(log), log)
    this.#space?.wrote(sizeBytes)
    this.#noteUnsynced(log, sizeBytes)
    const { unsyncedBytes, writeBackBytes } = this.#limits
    const bytesMax = entries.length > 0 ? unsyncedBytes : writeBackBytes
    if ((this.#unsynced.get(log)?.bytes ?? 0) >= bytesMax) this.requestSync(log)
    this.#relieve()
  }

  get #totalBytesMax(): number {
    return this.#limits.unsyncedTotalBytes ?? Number.POSITIVE_INFINITY
  }

  /** Starts on the logs with the most unsynced bytes when all together have too many. While files cannot be opened that is left to the checks. */
  #relieve(): void {
    while (
      this.#failure === undefined &&
      !this.#isShortOfFiles &&
      this.#unsynced.totalBytes >= this.#totalBytesMax / 2 &&
      this.#syncQueue.length + this.#syncing.size < this.#limits.syncsAtOnce
    ) {
      const largest = this.#unsynced.largest()
      if (largest === undefined) return
      this.requestSync(largest)
    }
  }

  #letGo(): void {
    if (this.#heldBack.size === 0 || this.#unsynced.totalBytes >= this.#totalBytesMax) return
    const held = [...this.#heldBack]
    this.#heldBack.clear()
    for (const [log, endOffset] of held) log.durableUpTo(endOffset)
  }

  #noteUnsynced(log: DirtyLog, bytes: number): void {
    this.#unsynced.add(log, bytes, this.#world.clock.monotonic())
    this.#scheduleCheck()
  }

  #commit(entries: readonly JournalEntry[], ends: ReadonlyMap<DirtyLog, number>): void {
    const done = (error: DiskError | undefined) => {
      this.#commitsUnderWay -= 1
      if (error === undefined) for (const [log, end] of ends) log.durableUpTo(end)
      else this.#fail(error)
      this.#becomeQuiet()
    }
    this.#commitsUnderWay += 1
    if (this.#journal === undefined) done(undefined)
    else this.#journal.commit(entries, done)
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
      this.requestSync(log)
    }
  }

  #startSyncs(): void {
    const atOnce = this.#isClosing ? SYNCS_AT_ONCE_CLOSING : this.#limits.syncsAtOnce
    while (this.#syncing.size < atOnce) {
      const next = this.#syncQueue.findIndex(log => !this.#syncing.has(log))
      const [log] = next === -1 ? [] : this.#syncQueue.splice(next, 1)
      if (log === undefined) return
      void this.#sync(log)
    }
  }

  async #sync(log: DirtyLog): Promise<void> {
    const mark = this.#journal?.mark() ?? 0
    this.#syncing.add(log)
    const bytes = this.#unsynced.begin(log)
    try {
      await log.syncSegments()
      this.#unsynced.done(bytes)
      this.#isShortOfFiles = false
      this.#journal?.segmentsSynced(log, mark)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#unsynced.done(bytes)
      if (error.isShortOfFiles && !this.#isClosing) this.#syncLater(log, error, bytes)
      else this.#fail(error)
    } finally {
      this.#syncing.delete(log)
      this.#letGo()
      this.#startSyncs()
      this.#relieve()
      this.#becomeQuiet()
    }
  }

  /**
   * What was to be synced could not even be opened, so no sync has failed: the next check tries again, and the journal keeps
   * until then what it keeps.
   */
  #syncLater(log: DirtyLog, { path, code }: DiskError, bytes: number): void {
    if (!this.#isShortOfFiles) {
      this.#world.log.warn('too many files are open: segments are synced later', { path, code })
    }
    this.#isShortOfFiles = true
    if (this.#failure !== undefined || this.#logs.get(journalKey(log)) !== log) return
    this.#noteUnsynced(log, bytes)
    const unsynced = this.#unsynced.get(log)
    if (unsynced !== undefined) unsynced.sinceMs = Number.NEGATIVE_INFINITY
  }

  #scheduleCheck(): void {
    this.#checkTimer ??= this.#world.clock.after(CHECK_EVERY_MS, () => {
      this.#checkTimer = undefined
      this.#check()
    })
  }

  /** Syncs what is old, and lets an idle journal say what it made durable last. No timer runs while all is synced. */
  #check(): void {
    if (this.#failure !== undefined) return
    const nowMs = this.#world.clock.monotonic()
    for (const [log, { sinceMs }] of [...this.#unsynced.entries()]) {
      const dueMs = sinceMs + Math.min(log.flushMs, this.#limits.unsyncedMs)
      if (dueMs <= nowMs) this.requestSync(log)
    }
    const journal = this.#journal
    if (journal?.hasUncarried === true && this.#commitsUnderWay === 0) {
      this.#commit([], new Map())
    }
    if (this.#unsynced.size > 0 || journal?.hasUncarried === true) this.#scheduleCheck()
  }

  /** A sync failed, so nothing is certain any more on this disk: all logs go offline, and nothing is tried again (L6). */
  #fail(error: DiskError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    const { path, code } = error
    this.#world.log.error('the storage failed: the log directory goes offline', { path, code })
    this.#journal?.fail(error)
    for (const log of this.#logs.values()) log.storageFailed(error)
    this.#space?.close()
    this.#checkTimer?.cancel()
    this.#onFailure(error)
  }

  get #isQuiet(): boolean {
    return !this.#isAtWork && this.#unsynced.size === 0 && this.#dirty.size === 0
  }

  get #isAtWork(): boolean {
    const writes = this.#poolWrites?.count ?? 0
    return this.#commitsUnderWay > 0 || this.#syncing.size > 0 || writes > 0
  }

  /** Wakes who waits for the end when nothing is under way any more; thousands of syncs are no reason to look thousands of times. */
  #becomeQuiet(): void {
    const isBusy = this.#isAtWork || this.#syncQueue.length > 0
    if (this.#whenQuiet.length === 0 || (isBusy && this.#failure === undefined)) return
    const waiting = this.#whenQuiet
    this.#whenQuiet = []
    for (const resolve of waiting) resolve()
  }
}
