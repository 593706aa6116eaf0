/**
 * The journal: what makes appends of all partitions durable with one sync. What is committed while a sync is under way waits
 * and becomes the next group, so the more there is to do, the larger the groups. A group is acknowledged when the journal file
 * and the segments of its extents are synced. After the first failed write or sync nothing is acknowledged any more (L6).
 */

import { Buffer } from 'node:buffer'
import { assert } from '../../assert.ts'
import { DiskError, type World } from '../../world.ts'
import { type CommitDone, CommitQueue, type TakenEntries } from './commit-queue.ts'
import type { JournalEntry, SyncableSegment } from './entry.ts'
import {
  aligned,
  DURABLE_BYTES,
  type DurableOffset,
  ENTRY_BYTES,
  encodeGroup,
  entrySizeBytes,
  GROUP_HEADER_BYTES,
} from './group.ts'
import { type JournalFile, type JournalFiles, roomOf } from './journal-files.ts'

/** More goes into the next group: one encoding must not hold the loop up. */
const GROUP_BYTES_MAX = 1024 * 1024
/** A larger group is written by the thread pool. */
const WRITE_NOW_BYTES_MAX = 128 * 1024
const SMALLEST_BUFFER_BYTES = 64 * 1024
const RETRY_FULL_DISK_MS = 500
const RETRY_OPEN_MS = 100

/** Which partition; a log is one. */
export interface JournalOwner {
  readonly topicId: string
  readonly partition: number
}

/** The name of a partition within the journal. */
export const journalKey = (owner: JournalOwner): string => `${owner.topicId}:${owner.partition}`

interface Group extends TakenEntries {
  readonly file: JournalFile
  readonly sequence: number
  readonly durable: readonly DurableOffset[]
}

export class Journal {
  readonly #world: World
  readonly #files: JournalFiles
  readonly #generation: number
  readonly #incarnation: string
  readonly #queue = new CommitQueue()
  readonly #durable = new Map<string, DurableOffset>()
  /** Durable offsets that no group carries yet. */
  #uncarried = new Map<string, DurableOffset>()
  #nextSequence = 1
  #buffer = Buffer.alloc(SMALLEST_BUFFER_BYTES)
  #isWriting = false
  /** The logs that were deleted since the group under way was made. */
  readonly #forgotten = new Set<string>()
  #failure: DiskError | undefined
  #whenIdle: (() => void)[] = []
  #onPressure: (blocking: ReadonlySet<string>) => void = () => undefined

  constructor(
    world: World,
    files: JournalFiles,
    identity: { readonly generation: number; readonly incarnation: string },
  ) {
    this.#world = world
    this.#files = files
    this.#generation = identity.generation
    this.#incarnation = identity.incarnation
    files.whenGrown(() => this.#pump())
  }

  /** Called with the partitions whose segments must be synced before the journal has room again. */
  whenPressed(onPressure: (blocking: ReadonlySet<string>) => void): void {
    this.#onPressure = onPressure
  }

  /** Makes the entries durable and then calls `done`; with an error when that is not possible any more. */
  commit(entries: readonly JournalEntry[], done: CommitDone): void {
    if (this.#failure !== undefined) {
      done(this.#failure)
      return
    }
    this.#queue.push(entries, done)
    this.#pump()
  }

  /** Whether the last groups' durable offsets are on disk only by the groups themselves: an empty commit carries them. */
  get hasUncarried(): boolean {
    return this.#uncarried.size > 0
  }

  /** Bytes of groups that a replay would read. */
  get usedBytes(): number {
    return this.#files.usedBytes
  }

  /** A point in the journal: what was committed and written up to now. Take it before syncing a log's segments. */
  mark(): number {
    return this.#nextSequence - 1
  }

  /** The segments of the partition are synced: its entries up to the mark need not be kept. */
  segmentsSynced(owner: JournalOwner, mark: number): void {
    this.#files.segmentsSynced(journalKey(owner), mark)
    this.#release()
  }

  /** The partition is gone: nothing of it need be kept. */
  forget(owner: JournalOwner): void {
    const key = journalKey(owner)
    this.#queue.forget(entry => journalKey(entry) === key)
    if (this.#isWriting) this.#forgotten.add(key)
    this.#files.forget(key)
    this.#durable.delete(key)
    this.#uncarried.delete(key)
    this.#release()
  }

  /** Refuses everything from now on: the storage failed elsewhere. */
  fail(error: DiskError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    for (const done of this.#queue.takeDones()) done(error)
    this.#becomeIdle()
  }

  /** Waits for what was committed, then closes the files. They stay: `removeJournal` is for a clean stop. */
  async close(): Promise<void> {
    while (this.#isWriting || !this.#queue.isEmpty) {
      await new Promise<void>(resolve => this.#whenIdle.push(resolve))
    }
    await this.#files.close()
  }

  #pump(): void {
    if (this.#isWriting || this.#failure !== undefined || this.#queue.isEmpty) return
    const group = this.#nextGroup()
    if (group === undefined) {
      this.#onPressure(this.#files.blocking)
      return
    }
    this.#isWriting = true
    void this.#write(group)
  }

  #nextGroup(): Group | undefined {
    const current = this.#files.current
    if (this.#fits(current)) return this.#groupFor(current)
    const next = this.#files.advance(this.#nextSequence)
    if (next !== undefined) {
      this.#uncarried = new Map(this.#durable)
      if (!this.#files.hasFree) this.#onPressure(this.#files.blocking)
      return this.#groupFor(next)
    }
    // A file may have become the oldest when nothing in it was needed any more: then no sync will come that frees it.
    if (!this.#files.hasFree) this.#files.release(this.#nextSequence)
    if (!this.#files.hasFree || current.position >= current.capacityBytes) return undefined
    return this.#numbered(current, { entries: [], dones: [] }, [])
  }

  /** Whether the next entry goes into the file; one that is larger than any file may begin in a fresh one. */
  #fits(file: JournalFile): boolean {
    const roomBytes = roomOf(file) - GROUP_HEADER_BYTES - this.#carriedBytes(file)
    if (file.position === 0) return true
    return roomBytes >= Math.min(this.#queue.nextSizeBytes, GROUP_BYTES_MAX) && roomBytes > 0
  }

  #groupFor(file: JournalFile): Group {
    if (file.firstSequence === 0) file.firstSequence = this.#nextSequence
    const carriedBytes = this.#carriedBytes(file)
    const durable = [...this.#uncarried.values()].slice(0, carriedBytes / DURABLE_BYTES)
    this.#uncarried.clear()
    const roomBytes = Math.min(roomOf(file) - GROUP_HEADER_BYTES - carriedBytes, GROUP_BYTES_MAX)
    assert(
      roomBytes > ENTRY_BYTES || this.#queue.nextSizeBytes === 0,
      'a group has room for an entry',
    )
    return this.#numbered(file, this.#queue.take(roomBytes), durable)
  }

  /** At most half of what is left of a file goes to durable offsets; what is not carried is in the recovery points. */
  #carriedBytes(file: JournalFile): number {
    const countMax = Math.max(0, Math.floor(roomOf(file) / 2 / DURABLE_BYTES))
    return Math.min(this.#uncarried.size, countMax) * DURABLE_BYTES
  }

  #numbered(file: JournalFile, taken: TakenEntries, durable: readonly DurableOffset[]): Group {
    const sequence = this.#nextSequence
    this.#nextSequence += 1
    for (const entry of taken.entries) {
      if (entry.type === 'bytes') file.needed.set(journalKey(entry), sequence)
    }
    return { ...taken, file, sequence, durable }
  }

  async #write(group: Group): Promise<void> {
    try {
      const bytes = this.#encode(group)
      await this.#writeWithSpace(group.file, bytes)
      group.file.position += bytes.length
      const syncs = [...segmentsOf(group)].map(segment => this.#syncSegment(segment))
      await Promise.all([group.file.file.sync(), ...syncs])
    } catch (error) {
      this.#isWriting = false
      if (!(error instanceof DiskError)) throw error
      this.fail(error)
      for (const done of group.dones) done(error)
      this.#becomeIdle()
      return
    }
    this.#isWriting = false
    if (this.#failure === undefined) {
      this.#becomeDurable(group)
      return
    }
    for (const done of group.dones) done(this.#failure)
    this.#becomeIdle()
  }

  /** The next group starts before the answers of this one leave, so that the disk is not idle meanwhile. */
  #becomeDurable(group: Group): void {
    this.#files.confirm(group.sequence)
    for (const { topicId, partition, baseOffset, endOffset } of group.entries) {
      if (endOffset === baseOffset) continue
      const durable = { topicId, partition, offset: endOffset }
      const key = journalKey(durable)
      if (this.#forgotten.has(key)) continue
      this.#durable.set(key, durable)
      this.#uncarried.set(key, durable)
    }
    this.#forgotten.clear()
    this.#pump()
    for (const done of group.dones) done(undefined)
    this.#becomeIdle()
  }

  #encode(group: Group): Buffer {
    let sizeBytes = GROUP_HEADER_BYTES + group.durable.length * DURABLE_BYTES
    for (const entry of group.entries) sizeBytes += entrySizeBytes(entry)
    if (aligned(sizeBytes) > this.#buffer.length)
      this.#buffer = Buffer.alloc(2 * aligned(sizeBytes))
    const header = {
      generation: this.#generation,
      incarnation: this.#incarnation,
      sequence: group.sequence,
      neededFrom: this.#files.neededFrom(group.sequence),
    }
    return this.#buffer.subarray(0, encodeGroup(this.#buffer, header, group))
  }

  /** The file has its blocks already, but a copy-on-write file system may be full all the same: wait until it is not. */
  async #writeWithSpace(file: JournalFile, bytes: Buffer): Promise<void> {
    while (this.#failure === undefined) {
      try {
        if (bytes.length <= WRITE_NOW_BYTES_MAX) file.file.writeNow(file.position, [bytes])
        else await file.file.write(file.position, [bytes])
        return
      } catch (error) {
        if (!(error instanceof DiskError) || !error.isFullDisk) throw error
        this.#world.log.warn('the journal waits for space', { path: error.path })
        await new Promise<void>(resolve => {
          this.#world.clock.after(RETRY_FULL_DISK_MS, resolve)
        })
      }
    }
  }

  /** A segment, or its folder, that cannot be opened now was not synced in vain: it is tried again. */
  async #syncSegment(segment: SyncableSegment): Promise<void> {
    while (this.#failure === undefined) {
      try {
        await segment.sync()
        return
      } catch (error) {
        if (!(error instanceof DiskError) || !error.isShortOfFiles) throw error
        this.#world.log.warn('the journal waits for a file to open', { path: error.path })
        await new Promise<void>(resolve => {
          this.#world.clock.after(RETRY_OPEN_MS, resolve)
        })
      }
    }
  }

  #release(): void {
    this.#files.release(this.#nextSequence)
    this.#pump()
  }

  #becomeIdle(): void {
    const waiting = this.#whenIdle
    this.#whenIdle = []
    for (const resolve of waiting) resolve()
  }
}

const segmentsOf = (group: Group): ReadonlySet<SyncableSegment> => {
  const segments = new Set<SyncableSegment>()
  for (const entry of group.entries) if (entry.type === 'extent') segments.add(entry.segment)
  return segments
}
