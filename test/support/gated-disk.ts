import type { Disk, DiskFile } from '../../packages/broker/src/world.ts'

/** A disk whose syncs wait while the gate is closed; all else passes. */
export class GatedDisk implements Disk {
  readonly #under: Disk
  #gate: Promise<void> | undefined
  #open: () => void = () => undefined
  /** Syncs that wait at the gate. */
  waiting = 0

  constructor(under: Disk) {
    this.#under = under
  }

  close(): void {
    this.#gate = new Promise(resolve => {
      this.#open = resolve
    })
  }

  release(): void {
    this.#gate = undefined
    this.#open()
  }

  async open(...[path, mode]: Parameters<Disk['open']>): Promise<DiskFile> {
    return this.#file(await this.#under.open(path, mode))
  }

  openNow(...[path, mode]: Parameters<Disk['openNow']>): DiskFile {
    return this.#file(this.#under.openNow(path, mode))
  }

  readFile: Disk['readFile'] = path => this.#under.readFile(path)
  writeFileAtomically: Disk['writeFileAtomically'] = (path, content) =>
    this.#under.writeFileAtomically(path, content)
  rename: Disk['rename'] = (from, to) => this.#under.rename(from, to)
  remove: Disk['remove'] = path => this.#under.remove(path)
  removeNow: Disk['removeNow'] = path => this.#under.removeNow(path)
  removeDirectory: Disk['removeDirectory'] = path => this.#under.removeDirectory(path)
  makeDirectory: Disk['makeDirectory'] = path => this.#under.makeDirectory(path)
  readFileNow: Disk['readFileNow'] = path => this.#under.readFileNow(path)
  listNow: Disk['listNow'] = path => this.#under.listNow(path)
  list: Disk['list'] = path => this.#under.list(path)
  syncDirectory: Disk['syncDirectory'] = path => this.#under.syncDirectory(path)
  lock: Disk['lock'] = path => this.#under.lock(path)
  space: Disk['space'] = path => this.#under.space(path)

  #file(under: DiskFile): DiskFile {
    return {
      path: under.path,
      get sizeBytes() {
        return under.sizeBytes
      },
      appendNow: parts => under.appendNow(parts),
      append: parts => under.append(parts),
      writeNow: (position, parts) => under.writeNow(position, parts),
      write: (position, parts) => under.write(position, parts),
      read: (position, into) => under.read(position, into),
      readNow: (position, into) => under.readNow(position, into),
      sync: async () => {
        this.waiting++
        await this.#gate
        this.waiting--
        await under.sync()
      },
      truncate: sizeBytes => under.truncate(sizeBytes),
      truncateNow: sizeBytes => under.truncateNow(sizeBytes),
      close: () => under.close(),
    }
  }
}
