import type { DirectoryEntry } from '../../packages/broker/src/world.ts'
import type { DiskOperation } from './model-disk.ts'

/** The content of a model disk at one moment: names, and what they stand for. */
export class DiskImage {
  readonly names: Map<string, number>
  readonly directories: Set<string>
  nextInode: number
  readonly #contents: Map<number, Buffer>

  constructor(from?: DiskImage) {
    this.names = new Map(from?.names)
    this.directories = new Set(from?.directories ?? ['/'])
    this.nextInode = from?.nextInode ?? 1
    this.#contents = new Map(from === undefined ? [] : from.#contents)
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
    const parentOf = (name: string) => name.slice(0, Math.max(1, name.lastIndexOf('/')))
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
        break
      case 'sync':
      case 'sync directory':
        break
    }
  }

  /** Contents are shared between images, so a write replaces the buffer. */
  #write(inode: number, position: number, bytes: Buffer): void {
    const before = this.content(inode)
    const after = Buffer.alloc(Math.max(before.length, position + bytes.length))
    before.copy(after)
    bytes.copy(after, position)
    this.#contents.set(inode, after)
  }

  #resize(inode: number, sizeBytes: number): void {
    const after = Buffer.alloc(sizeBytes)
    this.content(inode).copy(after)
    this.#contents.set(inode, after)
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
