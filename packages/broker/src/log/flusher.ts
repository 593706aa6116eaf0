/**
 * Turns appends into durable bytes. At the end of each turn of the event loop every log that took appends writes them to its
 * segments, and one group of the journal makes all of it durable. Segments themselves are synced later (`SegmentSyncs`).
 */

import { DiskError, type World } from '../world.ts'
import type { DirtyLog, LogFlusher, PendingWrite } from './dirty-log.ts'
import type { FlusherLimits } from './flusher-limits.ts'
import type { JournalEntry } from './journal/entry.ts'
import type { Journal } from './journal/journal.ts'
import { PoolWrites } from './pool-writes.ts'
import { SegmentSyncs } from './segment-syncs.ts'
import { SpaceWatch } from './space-watch.ts'

export { defaultFlusherLimits, type FlusherLimits } from './flusher-limits.ts'

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

export class Flusher implements LogFlusher {
  readonly #world: World
  readonly #directory: string
  readonly #journal: Journal | undefined
  readonly #onFailure: (error: DiskError) => void
  readonly #space: SpaceWatch | undefined
  readonly #syncs: SegmentSyncs
  readonly #poolWrites: PoolWrites | undefined
  #dirty = new Set<DirtyLog>()
  #isTurnScheduled = false
  #commitsUnderWay = 0
  #failure: DiskError | undefined
  #isClosing = false
  #whenQuiet: (() => void)[] = []

  constructor(options: FlusherOptions) {
    const { world, journal, limits } = options
    this.#world = world
    this.#directory = options.directory
    this.#journal = journal
    this.#onFailure = options.onFailure
    const { reserve, poolWriteBytes } = limits
    this.#poolWrites = poolWriteBytes === undefined ? undefined : new PoolWrites(poolWriteBytes)
    this.#space = reserve && new SpaceWatch(world, options.directory, reserve)
    this.#syncs = new SegmentSyncs({
      ...{ world, journal, limits },
      onFailure: error => this.#fail(error),
      onEnd: () => this.#becomeQuiet(),
      onCheck: () => this.#carry(),
    })
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
    return this.#syncs.holdsBack(log, endOffset)
  }

  isBehind(log: DirtyLog): boolean {
    const pool = this.#poolWrites
    return pool !== undefined && (pool.has(log) || (pool.isFull && this.#dirty.has(log)))
  }

  requestSync(log: DirtyLog): void {
    this.#syncs.request(log)
  }

  forget(log: DirtyLog): void {
    this.#dirty.delete(log)
    this.#poolWrites?.forget(log)
    this.#syncs.forget(log)
    this.#journal?.forget(log)
    this.#becomeQuiet()
  }

  /** Stops without writing anything more: the broker ends as after a crash. Resolves when the journal's files are closed. */
  async abandon(): Promise<void> {
    this.#failure ??= new DiskError('go on with', this.#directory, 'ECANCELED')
    this.#dirty.clear()
    this.#poolWrites?.forgetAll()
    this.#space?.close()
    this.#syncs.stop()
    this.#journal?.fail(this.#failure)
    await this.#journal?.close()
  }

  /** Writes and syncs everything; then the journal can be closed and removed. The logs must take no more appends. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#syncs.hurry()
    this.#flush()
    while (this.#failure === undefined && !this.#isQuiet) {
      this.#syncs.requestAll()
      await new Promise<void>(resolve => this.#whenQuiet.push(resolve))
    }
    this.#space?.close()
    this.#syncs.endChecks()
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

  #wrote(log: DirtyLog, written: PendingWrite): void {
    this.#space?.wrote(written.sizeBytes)
    this.#syncs.wrote(log, written)
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

  /** Lets an idle journal say what it made durable last. */
  #carry(): 'more' | 'nothing' {
    const journal = this.#journal
    if (journal?.hasUncarried === true && this.#commitsUnderWay === 0) this.#commit([], new Map())
    return journal?.hasUncarried === true ? 'more' : 'nothing'
  }

  /** A sync failed, so nothing is certain any more on this disk: all logs go offline, and nothing is tried again (L6). */
  #fail(error: DiskError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#syncs.stop()
    const { path, code } = error
    this.#world.log.error('the storage failed: the log directory goes offline', { path, code })
    this.#journal?.fail(error)
    for (const log of this.#syncs.logs()) log.storageFailed(error)
    this.#space?.close()
    this.#onFailure(error)
  }

  get #isQuiet(): boolean {
    return !this.#isAtWork && this.#syncs.isAllBegun && this.#dirty.size === 0
  }

  get #isAtWork(): boolean {
    const writes = this.#poolWrites?.count ?? 0
    return this.#commitsUnderWay > 0 || this.#syncs.isAtWork || writes > 0
  }

  /** Wakes who waits for the end when nothing is under way any more; thousands of syncs are no reason to look thousands of times. */
  #becomeQuiet(): void {
    const isBusy = this.#isAtWork || this.#syncs.hasQueued
    if (this.#whenQuiet.length === 0 || (isBusy && this.#failure === undefined)) return
    const waiting = this.#whenQuiet
    this.#whenQuiet = []
    for (const resolve of waiting) resolve()
  }
}
