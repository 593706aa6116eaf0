import { Buffer } from 'node:buffer'
import {
  type DirectoryEntry,
  type DirectoryLock,
  type Disk,
  DiskError,
  type DiskFile,
  type OpenMode,
} from '../world.ts'
import { MemoryFile } from './disk-file.ts'
import { parentOf, parentsOf } from './disk-path.ts'

/**
 * A disk in memory, for `storage: 'memory'` and for tests. It keeps nothing beyond its own life, so a sync has nothing to do
 * and succeeds at once. A file that was removed or replaced while open stays readable through its handle, as POSIX has it.
 */
export class MemoryDisk implements Disk {
  readonly #now: () => number
  readonly #capacityBytes: number
  readonly #files = new Map<string, MemoryFile>()
  readonly #directories = new Set<string>(['/'])
  readonly #locks = new Set<string>()
  #usedBytes = 0

  constructor(options: { readonly now: () => number; readonly capacityBytes: number }) {
    this.#now = options.now
    this.#capacityBytes = options.capacityBytes
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.openNow(path, mode)
  }

  openNow(path: string, mode: OpenMode): DiskFile {
    return this.#fileFor(path, mode).handle(path)
  }

  async readFile(path: string): Promise<Buffer | undefined> {
    return this.readFileNow(path)
  }

  readFileNow(path: string): Buffer | undefined {
    const file = this.#files.get(path)
    if (file !== undefined) return file.content()
    if (this.#directories.has(path)) throw new DiskError('read', path, 'EISDIR')
    return undefined
  }

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    this.#demandParent('replace', path)
    const file = this.#newFile()
    file.writeAt(0, [content], path)
    this.#files.get(path)?.unlink()
    this.#files.set(path, file)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#demandParent('rename', to)
    const file = this.#files.get(from)
    if (file !== undefined) {
      if (this.#directories.has(to)) throw new DiskError('rename', to, 'EISDIR')
      if (from === to) return
      this.#files.get(to)?.unlink()
      this.#files.delete(from)
      this.#files.set(to, file)
      return
    }
    if (!this.#directories.has(from)) throw new DiskError('rename', from, 'ENOENT')
    this.#renameDirectory(from, to)
  }

  async remove(path: string): Promise<void> {
    this.removeNow(path)
  }

  removeNow(path: string): void {
    const file = this.#files.get(path)
    if (file === undefined) {
      throw new DiskError('remove', path, this.#directories.has(path) ? 'EISDIR' : 'ENOENT')
    }
    this.#files.delete(path)
    file.unlink()
  }

  async removeDirectory(path: string): Promise<void> {
    const inside = `${path}/`
    for (const [name, file] of [...this.#files]) {
      if (!name.startsWith(inside)) continue
      this.#files.delete(name)
      file.unlink()
    }
    for (const name of [...this.#directories]) {
      if (name === path || name.startsWith(inside)) this.#directories.delete(name)
    }
  }

  async makeDirectory(path: string): Promise<void> {
    for (const directory of [...parentsOf(path), path]) {
      if (this.#files.has(directory)) throw new DiskError('make', path, 'ENOTDIR')
      this.#directories.add(directory)
    }
  }

  async list(path: string): Promise<readonly DirectoryEntry[] | undefined> {
    return this.listNow(path)
  }

  listNow(path: string): readonly DirectoryEntry[] | undefined {
    if (!this.#directories.has(path)) {
      if (this.#files.has(path)) throw new DiskError('list', path, 'ENOTDIR')
      return undefined
    }
    const entries: DirectoryEntry[] = []
    for (const name of this.#directories) {
      if (name === '/' || parentOf(name) !== path) continue
      entries.push({ name: baseNameOf(name), isDirectory: true, sizeBytes: 0, modifiedMs: 0 })
    }
    for (const [name, file] of this.#files) {
      if (parentOf(name) !== path) continue
      const { sizeBytes, modifiedMs } = file
      entries.push({ name: baseNameOf(name), isDirectory: false, sizeBytes, modifiedMs })
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async syncDirectory(path: string): Promise<void> {
    if (!this.#directories.has(path)) throw new DiskError('sync', path, 'ENOENT')
  }

  async lock(directory: string): Promise<DirectoryLock> {
    if (!this.#directories.has(directory)) throw new DiskError('lock', directory, 'ENOENT')
    if (this.#locks.has(directory)) throw new DiskError('lock', directory, 'ELOCKED')
    this.#locks.add(directory)
    return {
      release: async () => {
        this.#locks.delete(directory)
      },
    }
  }

  async space(_path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
    return {
      freeBytes: Math.max(0, this.#capacityBytes - this.#usedBytes),
      totalBytes: this.#capacityBytes,
    }
  }

  #fileFor(path: string, mode: OpenMode): MemoryFile {
    if (this.#directories.has(path)) throw new DiskError('open', path, 'EISDIR')
    const existing = this.#files.get(path)
    if (existing !== undefined) {
      if (mode === 'truncate') existing.truncate(0, path)
      return existing
    }
    if (mode === 'existing') throw new DiskError('open', path, 'ENOENT')
    this.#demandParent('open', path)
    const file = this.#newFile()
    this.#files.set(path, file)
    return file
  }

  #newFile(): MemoryFile {
    return new MemoryFile({
      now: this.#now,
      reserve: (bytes, path) => {
        if (bytes > 0 && this.#usedBytes + bytes > this.#capacityBytes) {
          throw new DiskError('write', path, 'ENOSPC')
        }
        this.#usedBytes += bytes
      },
    })
  }

  #demandParent(attempt: string, path: string): void {
    if (!this.#directories.has(parentOf(path))) throw new DiskError(attempt, path, 'ENOENT')
  }

  #renameDirectory(from: string, to: string): void {
    const inside = `${from}/`
    if (to.startsWith(inside)) throw new DiskError('rename', to, 'EINVAL')
    const target = `${to}/`
    const isTaken =
      this.#files.has(to) ||
      [...this.#files.keys(), ...this.#directories].some(name => name.startsWith(target))
    if (isTaken) throw new DiskError('rename', to, this.#files.has(to) ? 'ENOTDIR' : 'ENOTEMPTY')
    for (const [name, file] of [...this.#files]) {
      if (!name.startsWith(inside)) continue
      this.#files.delete(name)
      this.#files.set(to + name.slice(from.length), file)
    }
    for (const name of [...this.#directories]) {
      if (name !== from && !name.startsWith(inside)) continue
      this.#directories.delete(name)
      this.#directories.add(to + name.slice(from.length))
    }
  }
}

const baseNameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
