/**
 * A disk that remembers every operation, so that a test can pull the plug at any of them and look at what a real disk could
 * hold then. A write, a cut or a name that was not synced may be kept or lost, and a write may be kept in part; what was synced
 * is kept. A failed sync loses what it should have made durable, and a later one that succeeds does not bring it back.
 */

import type {
  DirectoryEntry,
  DirectoryLock,
  Disk,
  DiskFile,
  OpenMode,
} from '../../packages/broker/src/world.ts'
import { DiskError } from '../../packages/broker/src/world.ts'
import { DiskImage } from './disk-image.ts'
import { ModelFile } from './model-file.ts'

export type DiskOperation =
  | {
      readonly type: 'write'
      readonly inode: number
      readonly position: number
      readonly bytes: Buffer
      readonly path: string
    }
  | {
      readonly type: 'truncate'
      readonly inode: number
      readonly sizeBytes: number
      readonly path: string
    }
  /** Writes and cuts of the file with an index from `from` to `to` are durable. */
  | {
      readonly type: 'sync'
      readonly inode: number
      readonly from: number
      readonly to: number
      readonly path: string
    }
  | { readonly type: 'link'; readonly path: string; readonly inode: number }
  | { readonly type: 'unlink'; readonly path: string }
  | { readonly type: 'rename'; readonly path: string; readonly to: string }
  | { readonly type: 'make directory'; readonly path: string }
  | { readonly type: 'remove directory'; readonly path: string }
  | { readonly type: 'sync directory'; readonly path: string; readonly to: number }
  /** The cache let go of what a failed sync had dropped: from here on a reader finds what the disk has. */
  | { readonly type: 'evict'; readonly path: string; readonly dropped: ReadonlySet<number> }

/**
 * What a crash leaves of an operation that was not synced: all of it, nothing, the first bytes of a write, or each of its sectors on its own.
 * Of a sector that comes back as `noise` the file has its size and bytes that nobody wrote, where it was not there before.
 */
export type Survival =
  | 'kept'
  | 'lost'
  | { readonly firstBytes: number }
  | { readonly sectors: () => 'kept' | 'lost' | 'noise' }

export const SECTOR_BYTES = 512

/** Bytes on their way to the end of a file. */
interface Append {
  readonly inode: number
  readonly path: string
  readonly position: number
  readonly bytes: Buffer
}

/** `open` is a file or a folder that is to be synced: nothing was done with it yet. */
export type FaultyCall = 'open' | 'write' | 'sync' | 'read'

/** What a disk that breaks its word says to have done and has not: see `ModelDisk.neglects`. */
export type Neglected = 'sync' | 'sync directory' | 'rewrite' | 'failure of a sync'

export class ModelDisk implements Disk {
  readonly operations: DiskOperation[]
  /** Bytes that all files together may have; a write that goes beyond is cut short and then fails with ENOSPC. */
  capacityBytes = Number.POSITIVE_INFINITY
  /** Says with which code a call fails, if it does. */
  fault: (call: FaultyCall, path: string) => string | undefined = () => undefined
  /** Says until when a sync takes, or until when an append by the thread pool has not begun, if longer than a moment. */
  hold: (call: 'sync' | 'sync directory' | 'append', path: string) => Promise<void> | undefined =
    () => undefined
  /** Appends by the thread pool that are under way, one of a file at a time. */
  readonly #appends = new Map<number, Append>()
  /** For proofs that a test would notice: what is neglected has no effect. A `rewrite` is a write of the bytes that are there. */
  neglects: (call: Neglected, path: string) => boolean = () => false
  /** For the same: what is really written of some bytes. */
  alters: (path: string, bytes: Buffer) => Buffer = (_, bytes) => bytes
  readonly #image: DiskImage
  /** What it held before the first operation. */
  readonly #beginning: DiskImage
  /** The paths of the files that are open, as they were opened. */
  readonly openPaths: string[] = []
  readonly #lostBefore: Map<number, number> = new Map()
  readonly #locks = new Set<string>()
  #syncCount = 0

  /** With `after`, the disk of a process that was killed, as the next process finds it: nothing is lost, and nothing is synced by that. */
  constructor(image: DiskImage, after?: ModelDisk) {
    this.#image = after === undefined ? new DiskImage(image) : after.#image
    this.#beginning = after === undefined ? new DiskImage(image) : after.#beginning
    this.operations = after?.operations ?? []
    if (after !== undefined) this.#lostBefore = new Map(after.#lostBefore)
  }

  /** What a reader finds now. */
  get image(): DiskImage {
    return this.#image
  }

  get syncCount(): number {
    return this.#syncCount
  }

  /** What the disk holds when the machine stops after `count` operations. `survives` is asked for each that is not durable. */
  imageAfter(
    count: number,
    survives: (operation: DiskOperation, index: number) => Survival,
  ): DiskImage {
    const happened = this.operations.slice(0, count)
    const durable = durableAmong(happened)
    const image = new DiskImage(this.#beginning)
    for (const [index, operation] of happened.entries()) {
      if (durable.lost.has(index)) continue
      const survival = durable.kept.has(index) ? 'kept' : survives(operation, index)
      if (survival === 'kept') image.apply(operation)
      else if (survival !== 'lost' && operation.type === 'write') {
        for (const piece of piecesOf(operation, survival, image.content(operation.inode).length))
          image.apply(piece)
      }
    }
    for (const operation of happened)
      if (operation.type === 'link' && operation.inode >= image.nextInode)
        image.nextInode = operation.inode + 1
    image.dropOrphans()
    return image
  }

  /** The cache lets go of what failed syncs have dropped, as `isEvicted` says for each write. */
  evict(isEvicted: () => boolean): void {
    const dropped = new Set<number>()
    const evictedBefore = durableAmong(this.operations).lost
    for (const [index, operation] of this.operations.entries()) {
      const isContent = operation.type === 'write' || operation.type === 'truncate'
      const isDropped = isContent && index < (this.#lostBefore.get(operation.inode) ?? 0)
      if (isDropped && !evictedBefore.has(index)) dropped.add(index)
    }
    const { kept } = durableAmong(this.operations)
    for (const index of dropped) if (kept.has(index) || !isEvicted()) dropped.delete(index)
    if (dropped.size === 0) return
    this.operations.push({ type: 'evict', path: '/', dropped })
    this.#image.become(this.imageAfter(this.operations.length, () => 'kept'))
  }

  /** The process is killed: of what the thread pool was about to append the system has taken so many bytes, and nobody hears of it. */
  endAppends(bytesOf: (sizeBytes: number) => number): void {
    for (const { inode, path, position, bytes } of this.#appends.values()) {
      const taken = bytes.subarray(0, bytesOf(bytes.length))
      this.#appends.delete(inode)
      if (taken.length > 0) this.perform({ type: 'write', inode, path, position, bytes: taken })
    }
  }

  async append(append: Append): Promise<void> {
    const { inode, path, position, bytes } = append
    if (this.#appends.has(inode)) throw new Error(`${path} is appended to twice at once`)
    const held = this.hold('append', path)
    if (held !== undefined) {
      this.#appends.set(inode, append)
      await held
      this.#appends.delete(inode)
    }
    this.write({ inode, path }, position, bytes)
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.openNow(path, mode)
  }

  openNow(path: string, mode: OpenMode): DiskFile {
    this.#failAt('open', path)
    const inode = this.#inodeFor(path, mode)
    this.openPaths.push(path)
    return new ModelFile(this, { path, inode })
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    return this.readFileNow(path)
  }

  readFileNow(path: string): Buffer | undefined {
    if (this.#image.directories.has(path)) throw new DiskError('read', path, 'EISDIR')
    this.#failAt('read', path)
    const inode = this.#image.names.get(path)
    return inode === undefined ? undefined : Buffer.from(this.#image.content(inode))
  }

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    const file = this.openNow(`${path}.tmp`, 'truncate')
    try {
      file.appendNow([content])
      await file.sync()
    } catch (error) {
      await this.remove(`${path}.tmp`)
      throw error
    } finally {
      await file.close()
    }
    await this.rename(`${path}.tmp`, path)
    await this.syncDirectory(parentOf(path))
  }

  async rename(from: string, to: string): Promise<void> {
    if (!this.#image.names.has(from) && !this.#image.directories.has(from)) {
      throw new DiskError('rename', from, 'ENOENT')
    }
    this.perform({ type: 'rename', path: from, to })
  }

  async remove(path: string): Promise<void> {
    this.removeNow(path)
  }

  removeNow(path: string): void {
    if (!this.#image.names.has(path)) throw new DiskError('remove', path, 'ENOENT')
    this.perform({ type: 'unlink', path })
  }

  async removeDirectory(path: string): Promise<void> {
    for (const name of this.#image.namesIn(path)) this.perform({ type: 'unlink', path: name })
    for (const name of this.#image.directoriesIn(path).reverse()) {
      this.perform({ type: 'remove directory', path: name })
    }
  }

  async makeDirectory(path: string): Promise<void> {
    for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1)) {
      this.#makeOne(path.slice(0, end))
    }
    this.#makeOne(path)
  }

  async list(path: string): Promise<readonly DirectoryEntry[] | undefined> {
    return this.listNow(path)
  }

  listNow(path: string): readonly DirectoryEntry[] | undefined {
    if (!this.#image.directories.has(path)) return undefined
    return this.#image.list(path)
  }

  async syncDirectory(path: string): Promise<void> {
    if (!this.#image.directories.has(path)) throw new DiskError('sync', path, 'ENOENT')
    this.#failAt('open', path)
    const to = this.operations.length
    await this.hold('sync directory', path)
    if (!this.neglects('sync directory', path)) this.perform({ type: 'sync directory', path, to })
  }

  async lock(directory: string): Promise<DirectoryLock> {
    if (this.#locks.has(directory)) throw new DiskError('lock', directory, 'ELOCKED')
    this.#locks.add(directory)
    return {
      release: async () => {
        this.#locks.delete(directory)
      },
    }
  }

  async space(_path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
    const totalBytes = Math.min(this.capacityBytes, 2 ** 40)
    return { freeBytes: Math.max(0, totalBytes - this.#image.sizeBytes), totalBytes }
  }

  /** For files: does an operation and remembers it. */
  perform(operation: DiskOperation): void {
    const isContent = operation.type === 'write' || operation.type === 'truncate'
    if (isContent && this.#appends.has(operation.inode))
      throw new Error(`${operation.path} is changed while it is appended to`)
    this.operations.push(operation)
    this.#image.apply(operation)
  }

  content(inode: number, path: string): Buffer {
    this.#failAt('read', path)
    return this.#image.content(inode)
  }

  sizeOf(inode: number): number {
    return this.#image.content(inode).length
  }

  write(
    file: { readonly inode: number; readonly path: string },
    position: number,
    bytes: Buffer,
  ): void {
    this.#failAt('write', file.path)
    const fitting = this.#fitting(file.inode, position + bytes.length, bytes.length)
    const present = this.#image.content(file.inode).subarray(position, position + bytes.length)
    if (present.equals(bytes) && this.neglects('rewrite', file.path)) return
    const { inode, path } = file
    const written = Buffer.from(this.alters(path, bytes).subarray(0, fitting))
    this.perform({ type: 'write', inode, path, position, bytes: written })
    if (fitting < bytes.length) throw new DiskError('write', path, 'ENOSPC')
  }

  #fitting(inode: number, end: number, sizeBytes: number): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return sizeBytes
    const growth = end - this.sizeOf(inode)
    const free = Math.max(0, this.capacityBytes - this.#image.sizeBytes)
    return growth > free ? Math.max(0, sizeBytes - (growth - free)) : sizeBytes
  }

  /** Takes effect for what was written before it began, and only once it has ended. */
  async sync(file: { readonly inode: number; readonly path: string }): Promise<void> {
    const to = this.operations.length
    await this.hold('sync', file.path)
    this.#syncCount += 1
    if (this.neglects('sync', file.path)) return
    try {
      this.#failAt('sync', file.path)
    } catch (error) {
      this.#lostBefore.set(file.inode, to)
      if (this.neglects('failure of a sync', file.path)) return
      throw error
    }
    const { inode, path } = file
    this.perform({ type: 'sync', inode, path, from: this.#lostBefore.get(inode) ?? 0, to })
  }

  #failAt(call: FaultyCall, path: string): void {
    const code = this.fault(call, path)
    if (code !== undefined) throw new DiskError(call, path, code)
  }

  #makeOne(path: string): void {
    if (!this.#image.directories.has(path)) this.perform({ type: 'make directory', path })
  }

  #inodeFor(path: string, mode: OpenMode): number {
    if (this.#image.directories.has(path)) throw new DiskError('open', path, 'EISDIR')
    const existing = this.#image.names.get(path)
    if (existing !== undefined) {
      const isFull = mode === 'truncate' && this.sizeOf(existing) > 0
      if (isFull) this.perform({ type: 'truncate', inode: existing, sizeBytes: 0, path })
      return existing
    }
    const isPossible = mode !== 'existing' && this.#image.directories.has(parentOf(path))
    if (!isPossible) throw new DiskError('open', path, 'ENOENT')
    const inode = this.#image.nextInode
    this.perform({ type: 'link', path, inode })
    return inode
  }
}

/** The indexes of the operations that a sync covers (a sync itself counts as durable), and of those that are gone for good. */
const durableAmong = (
  operations: readonly DiskOperation[],
): { readonly kept: ReadonlySet<number>; readonly lost: ReadonlySet<number> } => {
  const kept = new Set<number>()
  const lost = new Set<number>()
  /** By inode or by folder, the newest last. */
  const waiting = new Map<number | string, number[]>()
  const wait = (key: number | string, index: number) => {
    const indexes = waiting.get(key)
    if (indexes === undefined) waiting.set(key, [index])
    else indexes.push(index)
  }
  const settle = (key: number | string, from: number, to: number) => {
    const indexes = waiting.get(key) ?? []
    for (const index of indexes) if (index >= from && index < to) kept.add(index)
    waiting.set(
      key,
      indexes.filter(index => index >= to),
    )
  }
  for (const [index, operation] of operations.entries()) {
    switch (operation.type) {
      case 'write':
      case 'truncate':
        wait(operation.inode, index)
        break
      case 'sync':
        kept.add(index)
        settle(operation.inode, operation.from, operation.to)
        break
      case 'sync directory':
        kept.add(index)
        settle(operation.path, 0, operation.to)
        break
      case 'evict':
        kept.add(index)
        for (const dropped of operation.dropped) lost.add(dropped)
        break
      case 'rename':
        wait(parentOf(operation.to), index)
        if (parentOf(operation.path) !== parentOf(operation.to))
          wait(parentOf(operation.path), index)
        break
      case 'link':
      case 'unlink':
      case 'make directory':
      case 'remove directory':
        wait(parentOf(operation.path), index)
        break
    }
  }
  return { kept, lost }
}

type Write = Extract<DiskOperation, { readonly type: 'write' }>

/** What of a write is there after a crash. Only what lies beyond the former end of a file can be bytes that nobody wrote. */
const piecesOf = (
  write: Write,
  survival: Exclude<Survival, string>,
  sizeBefore: number,
): readonly Write[] => {
  if ('firstBytes' in survival)
    return [{ ...write, bytes: write.bytes.subarray(0, survival.firstBytes) }]
  const pieces: Write[] = []
  const end = write.position + write.bytes.length
  for (let at = write.position; at < end; ) {
    const next = Math.min(end, at - (at % SECTOR_BYTES) + SECTOR_BYTES)
    const bytes = write.bytes.subarray(at - write.position, next - write.position)
    const fate = survival.sectors()
    if (fate === 'kept') pieces.push({ ...write, position: at, bytes })
    else if (fate === 'noise' && at >= sizeBefore)
      pieces.push({ ...write, position: at, bytes: Buffer.alloc(bytes.length, 0x5a) })
    at = next
  }
  return pieces
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))
