import type { Disk, DiskFile } from '../../packages/broker/src/world.ts'

/** What every attempt gets once the machine is gone. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

/**
 * A disk that works until a number of steps is used up, and then never again: a byte written is a step, and so is each file
 * that is made, replaced, renamed or removed. The write that crosses the end leaves its first bytes behind. What lies
 * under it is then what a crash left.
 */
export class CrashingDisk implements Disk {
  readonly #under: Disk
  #steps: number

  constructor(under: Disk, steps: number) {
    this.#under = under
    this.#steps = steps
  }

  get hasCrashed(): boolean {
    return this.#steps < 0
  }

  async open(...[path, mode]: Parameters<Disk['open']>): Promise<DiskFile> {
    this.#step()
    return this.#file(await this.#under.open(path, mode))
  }

  openNow(...[path, mode]: Parameters<Disk['openNow']>): DiskFile {
    this.#step()
    return this.#file(this.#under.openNow(path, mode))
  }

  async writeFileAtomically(path: string, content: Uint8Array): Promise<void> {
    this.#step()
    await this.#under.writeFileAtomically(path, content)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step()
    await this.#under.rename(from, to)
  }

  async remove(path: string): Promise<void> {
    this.#step()
    await this.#under.remove(path)
  }

  removeNow(path: string): void {
    this.#step()
    this.#under.removeNow(path)
  }

  async removeDirectory(path: string): Promise<void> {
    this.#step()
    await this.#under.removeDirectory(path)
  }

  async makeDirectory(path: string): Promise<void> {
    this.#step()
    await this.#under.makeDirectory(path)
  }

  readFile: Disk['readFile'] = path => this.#under.readFile(path)
  readFileNow: Disk['readFileNow'] = path => this.#under.readFileNow(path)
  listNow: Disk['listNow'] = path => this.#under.listNow(path)
  list: Disk['list'] = path => this.#under.list(path)
  lock: Disk['lock'] = path => this.#under.lock(path)
  space: Disk['space'] = path => this.#under.space(path)

  async syncDirectory(path: string): Promise<void> {
    this.#step()
    await this.#under.syncDirectory(path)
  }

  #step(): void {
    if (this.#steps <= 0) this.#crash()
    this.#steps--
  }

  #crash(): never {
    this.#steps = -1
    throw new Crash()
  }

  #file(under: DiskFile): DiskFile {
    const spend = (parts: readonly Uint8Array[], put: (bytes: Uint8Array) => void): void => {
      const bytes = Buffer.concat(parts)
      const fits = Math.max(0, Math.min(bytes.length, this.#steps))
      if (fits > 0) put(bytes.subarray(0, fits))
      if (fits < bytes.length) this.#crash()
      this.#steps -= fits
    }
    const append = (parts: readonly Uint8Array[]): void =>
      spend(parts, bytes => under.appendNow([bytes]))
    const write = (position: number, parts: readonly Uint8Array[]): void =>
      spend(parts, bytes => under.writeNow(position, [bytes]))
    return {
      path: under.path,
      get sizeBytes() {
        return under.sizeBytes
      },
      appendNow: append,
      append: async parts => append(parts),
      writeNow: write,
      write: async (position, parts) => write(position, parts),
      read: (position, into) => under.read(position, into),
      readNow: (position, into) => under.readNow(position, into),
      sync: async () => {
        this.#step()
        await under.sync()
      },
      truncate: async sizeBytes => {
        this.#step()
        await under.truncate(sizeBytes)
      },
      truncateNow: sizeBytes => {
        this.#step()
        under.truncateNow(sizeBytes)
      },
      close: () => under.close(),
    }
  }
}
