import type { DirectoryEntry } from '../../packages/broker/src/world.ts'
import type { DiskOperation } from './model-disk.ts'

/** The content of a model disk at one moment: names, and what they stand for. */
export class DiskImage {
  readonly names: Map<string, number>
  readonly directories: Set<string>
  nextInode: number
  readonly #contents: Map<number, Buffer>
  /** The files whose bytes no other image shares, with room to grow. */
  readonly #own = new Map<number, Buffer>()

  constructor(from?: DiskImage) {
    this.names = new Map(from?.names)
    this.directories = new Set(from?.directories ?? ['/'])
    this.nextInode = from?.nextInode ?? 1
    this.#contents = new Map(from === undefined ? [] : from.#contents)
    if (from !== undefined) from.#own.clear()
  }

  get sizeBytes(): number {
    let sizeBytes = 0
    for (const inode of new Set(this.names.values())) sizeBytes += this.content(inode).length
    return sizeBytes
  }

  content(inode: number): Buffer {
    return this.#contents.get(inode) ?? Buffer.alloc(0)
  }

  namesIn(directory: string): string[] {
    return [...this.names.keys()].filter(name => name.startsWith(`${directory}/`))
  }

  /** The folder itself and all folders in it, the outermost first. */
  directoriesIn(directory: string): string[] {
    const isInside = (name: string) => name === directory || name.startsWith(`${directory}/`)
    return [...this.directories].filter(isInside).sort()
  }

  list(path: string): DirectoryEntry[] {
    const baseOf = (name: string) => name.slice(name.lastIndexOf('/') + 1)
    const folders = [...this.directories].filter(name => name !== '/' && parentOf(name) === path)
    const files = [...this.names].filter(([name]) => parentOf(name) === path)
    return [
      ...folders.map(name => ({
        name: baseOf(name),
        isDirectory: true,
        sizeBytes: 0,
        modifiedMs: 0,
      })),
      ...files.map(([name, inode]) => {
        const sizeBytes = this.content(inode).length
        return { name: baseOf(name), isDirectory: false, sizeBytes, modifiedMs: 0 }
      }),
    ].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  apply(operation: DiskOperation): void {
    switch (operation.type) {
      case 'write':
        this.#write(operation.inode, operation.position, operation.bytes)
        break
      case 'truncate':
        this.#resize(operation.inode, operation.sizeBytes)
        break
      case 'link':
        this.names.set(operation.path, operation.inode)
        this.nextInode = Math.max(this.nextInode, operation.inode + 1)
        break
      case 'unlink':
        this.names.delete(operation.path)
        break
      case 'rename':
        this.#rename(operation.path, operation.to)
        break
      case 'make directory':
        this.directories.add(operation.path)
        break
      case 'remove directory':
        this.directories.delete(operation.path)
        // Only an empty folder can be removed: what was in it is gone as surely as the folder is.
        for (const name of this.namesIn(operation.path)) this.names.delete(name)
        break
      case 'evict':
      case 'sync':
      case 'sync directory':
        break
    }
  }

  /** Takes over what another image holds. */
  become(other: DiskImage): void {
    this.names.clear()
    for (const [name, inode] of other.names) this.names.set(name, inode)
    this.directories.clear()
    for (const directory of other.directories) this.directories.add(directory)
    this.nextInode = Math.max(this.nextInode, other.nextInode)
    this.#contents.clear()
    this.#own.clear()
    other.#own.clear()
    for (const [inode, content] of other.#contents) this.#contents.set(inode, content)
  }

  /** Takes out what lies in folders that are not there. */
  dropOrphans(): void {
    for (const directory of [...this.directories].sort()) {
      if (directory !== '/' && !this.directories.has(parentOf(directory)))
        this.directories.delete(directory)
    }
    for (const name of [...this.names.keys()])
      if (!this.directories.has(parentOf(name))) this.names.delete(name)
  }

  /** Contents may be shared between images: the first write to a file makes it this image's own. */
  #write(inode: number, position: number, bytes: Buffer): void {
    const before = this.content(inode)
    const after = this.#sized(inode, before, Math.max(before.length, position + bytes.length))
    bytes.copy(after, position)
  }

  #resize(inode: number, sizeBytes: number): void {
    this.#sized(inode, this.content(inode), sizeBytes)
  }

  #sized(inode: number, before: Buffer, sizeBytes: number): Buffer {
    let room = this.#own.get(inode)
    if (room === undefined || room.length < sizeBytes) {
      room = Buffer.alloc(Math.max(sizeBytes, sizeBytes > before.length ? before.length * 2 : 0))
      before.copy(room, 0, 0, Math.min(before.length, sizeBytes))
      this.#own.set(inode, room)
    } else if (sizeBytes < before.length) room.fill(0, sizeBytes, before.length)
    const after = room.subarray(0, sizeBytes)
    this.#contents.set(inode, after)
    return after
  }

  #rename(from: string, to: string): void {
    const inode = this.names.get(from)
    if (inode !== undefined) {
      this.names.delete(from)
      this.names.set(to, inode)
      return
    }
    for (const [name, moved] of [...this.names]) {
      if (!name.startsWith(`${from}/`)) continue
      this.names.delete(name)
      this.names.set(to + name.slice(from.length), moved)
    }
    for (const name of this.directoriesIn(from)) {
      this.directories.delete(name)
      this.directories.add(to + name.slice(from.length))
    }
  }
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')))
