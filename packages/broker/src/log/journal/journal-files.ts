/**
 * The files of the journal: one that is written, older ones whose entries still wait for their segments to be synced, and
 * free ones. They form a queue: a file is freed only from the oldest end, so that what a crash leaves is one unbroken run of
 * groups. Each is really written with zeros before it is used, so that a sync writes data only and a full disk shows early.
 */

import { Buffer } from 'node:buffer'
import { assert } from '../../assert.ts'
import { DiskError, type DiskFile, type World } from '../../world.ts'
import { aligned, GROUP_ALIGNMENT } from './group.ts'

const ZEROS_BYTES = 1024 * 1024
const GROWTH = 4
const RETRY_GROWTH_MS = 10_000

export interface JournalFileLimits {
  /** The size of the first two files: small, so that a start is fast. */
  readonly firstFileBytes: number
  /** The size that files grow to. */
  readonly fileBytes: number
  /** How many files there may be; at least two. */
  readonly fileCountMax: number
  /** Growing stops when it would leave less than this of the disk free. */
  readonly spareBytes: number
}

/** What a broker uses that was not told otherwise. */
export const defaultJournalLimits: JournalFileLimits = {
  firstFileBytes: 1024 * 1024,
  fileBytes: 64 * 1024 * 1024,
  fileCountMax: 4,
  spareBytes: 256 * 1024 * 1024,
}

export class JournalFile {
  readonly file: DiskFile
  readonly capacityBytes: number
  /** Where the next group goes. */
  position = 0
  firstSequence = 0
  /** The partitions whose segments lack a sync for entries in this file, with the last group that has one. */
  readonly needed = new Map<string, number>()

  constructor(file: DiskFile, capacityBytes: number) {
    this.file = file
    this.capacityBytes = capacityBytes
  }
}

/** A free file may be overwritten once a group that no longer needs it is durable: the group of this sequence or a later one. */
interface FreeFile {
  readonly file: JournalFile
  readonly unneededFrom: number
}

export class JournalFiles {
  readonly #world: World
  readonly #directory: string
  readonly #limits: JournalFileLimits
  readonly #free: FreeFile[] = []
  /** Oldest first; the last is the one that is written. */
  readonly #used: JournalFile[] = []
  #nextNumber: number
  #durableSequence = 0
  #growing: Promise<void> | undefined
  #growNotBefore = 0
  #isClosed = false
  #onGrown: () => void = () => undefined

  constructor(
    world: World,
    directory: string,
    options: { readonly limits: JournalFileLimits; readonly firstNumber: number },
  ) {
    this.#world = world
    this.#directory = directory
    this.#limits = options.limits
    this.#nextNumber = options.firstNumber
  }

  /** Makes the two files without which the journal cannot run. */
  async prepare(): Promise<void> {
    for (let index = 0; index < 2; index += 1) {
      const file = await this.#create(aligned(this.#limits.firstFileBytes))
      if (index === 0) this.#used.push(file)
      else this.#free.push({ file, unneededFrom: 0 })
    }
    await this.#world.disk.syncDirectory(this.#directory)
  }

  /** Called when a file was added: what waits for one can go on. */
  whenGrown(onGrown: () => void): void {
    this.#onGrown = onGrown
  }

  get current(): JournalFile {
    const current = this.#used.at(-1)
    assert(current !== undefined, 'a journal always has a file that it writes')
    return current
  }

  /** The oldest group that a replay would need; `nextSequence` when it needs none. */
  neededFrom(nextSequence: number): number {
    const oldest = this.#used.find(file => file.needed.size > 0)
    return oldest === undefined ? nextSequence : oldest.firstSequence
  }

  /** The partitions that keep the oldest file from being reused. */
  get blocking(): ReadonlySet<string> {
    return new Set(this.#used[0]?.needed.keys())
  }

  /** How many bytes the groups take that a replay would read. */
  get usedBytes(): number {
    return this.#used.reduce((sum, file) => sum + file.position, 0)
  }

  get hasFree(): boolean {
    return this.#free.length > 0
  }

  /** Takes the next free file into use. Undefined when there is none, or when overwriting it is not yet safe. */
  advance(sequence: number): JournalFile | undefined {
    const next = this.#free.findIndex(free => free.unneededFrom <= this.#durableSequence)
    const taken = next === -1 ? undefined : this.#free.splice(next, 1)[0]
    if (taken === undefined) return undefined
    taken.file.position = 0
    taken.file.firstSequence = sequence
    this.#used.push(taken.file)
    this.grow()
    return taken.file
  }

  /** The partition's segments hold, synced, all that it had in groups up to `sequence`. */
  segmentsSynced(key: string, sequence: number): void {
    for (const file of this.#used) {
      const last = file.needed.get(key)
      if (last !== undefined && last <= sequence) file.needed.delete(key)
    }
  }

  forget(key: string): void {
    for (const file of this.#used) file.needed.delete(key)
  }

  /** Frees the oldest files that nobody needs. The next group to be written, `nextSequence`, will say so. */
  release(nextSequence: number): void {
    while (this.#used.length > 1 && this.#used[0]?.needed.size === 0) {
      const file = this.#used.shift()
      if (file !== undefined) this.#free.push({ file, unneededFrom: nextSequence })
    }
  }

  /** The groups up to `sequence` are durable. */
  confirm(sequence: number): void {
    this.#durableSequence = sequence
    if (this.#used.length + this.#free.length > this.#limits.fileCountMax) this.#retireSmall()
  }

  /** Adds a file in the background, larger than the last, unless there are enough or the disk is nearly full. */
  grow(): void {
    const count = this.#used.length + this.#free.length
    const isFull = count >= this.#limits.fileCountMax + (this.#hasSmall ? 1 : 0)
    if (isFull || this.#growing !== undefined || this.#isClosed) return
    if (this.#world.clock.monotonic() < this.#growNotBefore) return
    this.#growing = this.#grow().finally(() => {
      this.#growing = undefined
      this.#onGrown()
    })
  }

  /** Waits for the file that is being made, then closes all. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#growing
    for (const file of this.#used) await file.file.close()
    for (const { file } of this.#free) await file.file.close()
  }

  get #largestBytes(): number {
    const files = [...this.#used, ...this.#free.map(free => free.file)]
    return files.reduce((largest, file) => Math.max(largest, file.capacityBytes), 0)
  }

  get #hasSmall(): boolean {
    const full = aligned(this.#limits.fileBytes)
    const files = [...this.#used, ...this.#free.map(free => free.file)]
    return files.some(file => file.capacityBytes < full)
  }

  async #grow(): Promise<void> {
    const sizeBytes = aligned(Math.min(this.#limits.fileBytes, this.#largestBytes * GROWTH))
    try {
      const { freeBytes } = await this.#world.disk.space(this.#directory)
      if (freeBytes - sizeBytes < this.#limits.spareBytes) {
        this.#growNotBefore = this.#world.clock.monotonic() + RETRY_GROWTH_MS
        return
      }
      const file = await this.#create(sizeBytes)
      await this.#world.disk.syncDirectory(this.#directory)
      this.#free.push({ file, unneededFrom: 0 })
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#growNotBefore = this.#world.clock.monotonic() + RETRY_GROWTH_MS
      this.#world.log.warn('the journal could not grow and goes on with the files it has', {
        path: error.path,
        code: error.code,
      })
    }
  }

  async #create(sizeBytes: number): Promise<JournalFile> {
    const path = `${this.#directory}/${String(this.#nextNumber).padStart(8, '0')}.journal`
    this.#nextNumber += 1
    const file = await this.#world.disk.open(path, 'truncate')
    try {
      const zeros = Buffer.alloc(Math.min(ZEROS_BYTES, sizeBytes))
      for (let left = sizeBytes; left > 0 && !this.#isClosed; left -= zeros.length) {
        await file.append([zeros.subarray(0, Math.min(left, zeros.length))])
        if (sizeBytes > GROWTH * ZEROS_BYTES) await file.sync()
      }
      await file.sync()
      return new JournalFile(file, sizeBytes)
    } catch (error) {
      await file.close()
      await this.#world.disk.remove(path)
      throw error
    }
  }

  /** Removes one free file that is smaller than the others. */
  #retireSmall(): void {
    const largest = this.#largestBytes
    const small = this.#free.findIndex(
      free => free.file.capacityBytes < largest && free.unneededFrom <= this.#durableSequence,
    )
    const [retired] = small === -1 ? [] : this.#free.splice(small, 1)
    if (retired !== undefined) void this.#remove(retired.file)
  }

  async #remove(file: JournalFile): Promise<void> {
    try {
      await file.file.close()
      await this.#world.disk.remove(file.file.path)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      const { path, code } = error
      this.#world.log.warn('a journal file that is no longer needed could not be removed', {
        path,
        code,
      })
    }
  }
}

/** The usable bytes of a file: its last block is kept for the group that tells that older files are free. */
export const roomOf = (file: JournalFile): number =>
  file.capacityBytes - GROUP_ALIGNMENT - file.position
