/**
 * A disk that keeps no more than so many segment files open at once. Who opened one goes on using it: behind its back the file is closed when
 * others were used more recently, and opened again when it is needed. One with bytes that are not synced stays open, for the error of a
 * write-back is told to who had the file open (L6), and so does one whose name was taken away, for nothing would find it again.
 */
import type { Disk, DiskFile, OpenMode } from '../world.ts'
import { PooledFile } from './pooled-file.ts'

const POOLED = '.log'
/** How many files are looked at, at most, for each that is opened: when all of them have to stay open, nobody looks at thousands. */
const LOOKS_MAX = 16

export class PooledDisk implements Disk {
  readonly #under: Disk
  readonly #openFilesMax: number
  /** Those that are open now, the one to be looked at next first. */
  readonly #open = new Set<PooledFile>()
  /** Those that their owners have not closed, by their folder. */
  readonly #byFolder = new Map<string, Set<PooledFile>>()

  constructor(under: Disk, openFilesMax: number) {
    this.#under = under
    this.#openFilesMax = openFilesMax
  }

  /** Segment files that are open at this moment. */
  get openFiles(): number {
    return this.#open.size
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const file = await this.#under.open(path, mode)
    return path.endsWith(POOLED) ? this.#pooled(file) : file
  }

  openNow(path: string, mode: OpenMode): DiskFile {
    const file = this.#under.openNow(path, mode)
    return path.endsWith(POOLED) ? this.#pooled(file) : file
  }

  readFile: Disk['readFile'] = path => this.#under.readFile(path)
  readFileNow: Disk['readFileNow'] = path => this.#under.readFileNow(path)
  listNow: Disk['listNow'] = (path, isAsked) => this.#under.listNow(path, isAsked)
  list: Disk['list'] = (path, isAsked) => this.#under.list(path, isAsked)
  makeDirectory: Disk['makeDirectory'] = path => this.#under.makeDirectory(path)
  syncDirectory: Disk['syncDirectory'] = path => this.#under.syncDirectory(path)
  lock: Disk['lock'] = path => this.#under.lock(path)
  space: Disk['space'] = path => this.#under.space(path)

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    this.#pin(path)
    await this.#under.writeFileAtomically(path, content)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#pin(from)
    this.#pin(to)
    await this.#under.rename(from, to)
  }

  async remove(path: string): Promise<void> {
    this.#pin(path)
    await this.#under.remove(path)
  }

  removeNow(path: string): void {
    this.#pin(path)
    this.#under.removeNow(path)
  }

  async removeDirectory(path: string): Promise<void> {
    this.#pin(path)
    await this.#under.removeDirectory(path)
  }

  #pooled(file: DiskFile): PooledFile {
    const pooled: PooledFile = new PooledFile(file, {
      reopen: path => this.#reopen(pooled, path),
      synced: () => this.#trim(),
      closed: () => this.#forget(pooled),
    })
    const folder = folderOf(file.path)
    const known = this.#byFolder.get(folder)
    if (known === undefined) this.#byFolder.set(folder, new Set([pooled]))
    else known.add(pooled)
    this.#open.add(pooled)
    this.#trim()
    return pooled
  }

  #reopen(pooled: PooledFile, path: string): DiskFile {
    const file = this.#under.openNow(path, 'existing')
    this.#open.add(pooled)
    this.#trim()
    return file
  }

  /** Closes what was not used since it was looked at last, as long as too many are open. */
  #trim(): void {
    let looks = 0
    for (const file of this.#open) {
      if (this.#open.size <= this.#openFilesMax || looks++ === LOOKS_MAX) return
      this.#open.delete(file)
      if (!file.closeIfIdle()) this.#open.add(file)
    }
  }

  /** The name `path`, or a folder of that name, is about to mean something else. */
  #pin(path: string): void {
    for (const file of this.#byFolder.get(path) ?? []) file.pin()
    for (const file of this.#byFolder.get(folderOf(path)) ?? []) if (file.path === path) file.pin()
  }

  #forget(file: PooledFile): void {
    this.#open.delete(file)
    const folder = folderOf(file.path)
    const known = this.#byFolder.get(folder)
    known?.delete(file)
    if (known?.size === 0) this.#byFolder.delete(folder)
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
