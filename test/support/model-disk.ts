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

/** What a crash leaves of an operation that was not synced: all of it, nothing, or the first bytes of a write. */
export type Survival = 'kept' | 'lost' | { readonly firstBytes: number }

/** `open` is a file or a folder that is to be synced: nothing was done with it yet. */
export type FaultyCall = 'open' | 'write' | 'sync' | 'read'

export class ModelDisk implements Disk {
  readonly operations: DiskOperation[] = []
  /** Bytes that all files together may have; a write that goes beyond is cut short and then fails with ENOSPC. */
  capacityBytes = Number.POSITIVE_INFINITY
  /** Says with which code a call fails, if it does. */
  fault: (call: FaultyCall, path: string) => string | undefined = () => undefined
  readonly #image: DiskImage
  /** What it held before the first operation. */
  readonly #beginning: DiskImage
  /** The paths of the files that are open, as they were opened. */
  readonly openPaths: string[] = []
  readonly #lostBefore = new Map<number, number>()
  readonly #locks = new Set<string>()
  #syncCount = 0

  constructor(image: DiskImage) {
    this.#image = new DiskImage(image)
    this.#beginning = new DiskImage(image)
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
      const survival = durable.has(index) ? 'kept' : survives(operation, index)
      if (survival === 'kept') image.apply(operation)
      else if (survival !== 'lost' && operation.type === 'write') {
        image.apply({ ...operation, bytes: operation.bytes.subarray(0, survival.firstBytes) })
      }
    }
    return image
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
    if (this.#image.directories.has(path)) throw new DiskError('read', path, 'EISDIR')
    this.#failAt('read', path)
    const inode = this.#image.names.get(path)
    return inode === undefined ? undefined : Buffer.from(this.#image.content(inode))
  }

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    const file = this.openNow(`${path}.tmp`, 'truncate')
    file.appendNow([content])
    await file.sync()
    await file.close()
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
    if (!this.#image.directories.has(path)) return undefined
    return this.#image.list(path)
  }

  async syncDirectory(path: string): Promise<void> {
    if (!this.#image.directories.has(path)) throw new DiskError('sync', path, 'ENOENT')
    this.#failAt('open', path)
    this.perform({ type: 'sync directory', path, to: this.operations.length })
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
    const growth = position + bytes.length - this.sizeOf(file.inode)
    const free = this.capacityBytes - this.#image.sizeBytes
    const fitting = growth > free ? Math.max(0, bytes.length - (growth - free)) : bytes.length
    this.perform({
      type: 'write',
      ...file,
      position,
      bytes: Buffer.from(bytes.subarray(0, fitting)),
    })
    if (fitting < bytes.length) throw new DiskError('write', file.path, 'ENOSPC')
  }

  /** Takes effect for what was written before it began, and only once it has ended. */
  async sync(file: { readonly inode: number; readonly path: string }): Promise<void> {
    const to = this.operations.length
    await Promise.resolve()
    this.#syncCount += 1
    try {
      this.#failAt('sync', file.path)
    } catch (error) {
      this.#lostBefore.set(file.inode, to)
      throw error
    }
    this.perform({ type: 'sync', ...file, from: this.#lostBefore.get(file.inode) ?? 0, to })
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

class ModelFile implements DiskFile {
  readonly path: string
  readonly inode: number
  readonly #disk: ModelDisk
  #isOpen = true

  constructor(disk: ModelDisk, options: { readonly path: string; readonly inode: number }) {
    this.#disk = disk
    this.path = options.path
    this.inode = options.inode
  }

  get sizeBytes(): number {
    return this.#disk.sizeOf(this.inode)
  }

  appendNow(parts: readonly Uint8Array[]): void {
    const before = this.sizeBytes
    try {
      this.writeNow(before, parts)
    } catch (error) {
      if (this.#isOpen && this.sizeBytes > before) this.truncateNow(before)
      throw error
    }
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    this.appendNow(parts)
  }

  writeNow(position: number, parts: readonly Uint8Array[]): void {
    this.#demandOpen('write')
    if (parts.length > 0) this.#disk.write(this, position, Buffer.concat(parts))
  }

  async write(position: number, parts: readonly Uint8Array[]): Promise<void> {
    this.writeNow(position, parts)
  }

  readNow(position: number, into: Uint8Array): number {
    this.#demandOpen('read')
    const bytes = this.#disk
      .content(this.inode, this.path)
      .subarray(position, position + into.length)
    into.set(bytes)
    return bytes.length
  }

  async read(position: number, into: Uint8Array): Promise<number> {
    return this.readNow(position, into)
  }

  async sync(): Promise<void> {
    this.#demandOpen('sync')
    await this.#disk.sync(this)
  }

  truncateNow(sizeBytes: number): void {
    this.#demandOpen('truncate')
    this.#disk.perform({ type: 'truncate', inode: this.inode, sizeBytes, path: this.path })
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.truncateNow(sizeBytes)
  }

  async close(): Promise<void> {
    if (this.#isOpen) this.#disk.openPaths.splice(this.#disk.openPaths.indexOf(this.path), 1)
    this.#isOpen = false
  }

  #demandOpen(attempt: string): void {
    if (!this.#isOpen) throw new DiskError(attempt, this.path, 'EBADF')
  }
}

/** The indexes of the operations that a sync covers; a sync itself counts as durable. */
const durableAmong = (operations: readonly DiskOperation[]): ReadonlySet<number> => {
  const durable = new Set<number>()
  for (const [index, operation] of operations.entries()) {
    if (operation.type !== 'sync' && operation.type !== 'sync directory') continue
    durable.add(index)
    const from = operation.type === 'sync' ? operation.from : 0
    for (let before = from; before < operation.to; before += 1) {
      const earlier = operations[before]
      if (earlier !== undefined && isCovered(operation, earlier)) durable.add(before)
    }
  }
  return durable
}

const isCovered = (sync: DiskOperation, operation: DiskOperation): boolean => {
  const isContent = operation.type === 'write' || operation.type === 'truncate'
  if (isContent) return sync.type === 'sync' && operation.inode === sync.inode
  if (operation.type === 'sync' || operation.type === 'sync directory') return false
  if (operation.type === 'rename' && parentOf(operation.to) === sync.path) return true
  return sync.type === 'sync directory' && parentOf(operation.path) === sync.path
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))
