import { DiskError, type DiskFile } from '../../packages/broker/src/world.ts'
import type { ModelDisk } from './model-disk.ts'

/** An open file of the model disk. As with Node, `close` waits for what is under way. */
export class ModelFile implements DiskFile {
  readonly path: string
  readonly inode: number
  readonly #disk: ModelDisk
  #isOpen = true
  #underWay = 0
  #whenIdle: (() => void) | undefined

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
    this.#demandOpen('write')
    const { inode, path, sizeBytes: position } = this
    this.#underWay++
    try {
      await this.#disk.append({ inode, path, position, bytes: Buffer.concat(parts) })
    } catch (error) {
      if (this.#isOpen && this.sizeBytes > position) this.truncateNow(position)
      throw error
    } finally {
      this.#underWay--
      if (this.#underWay === 0) this.#whenIdle?.()
    }
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

  /** Waits for what is under way. */
  async close(): Promise<void> {
    const wasOpen = this.#isOpen
    this.#isOpen = false
    if (this.#underWay > 0)
      await new Promise<void>(resolve => {
        this.#whenIdle = resolve
      })
    if (wasOpen) this.#disk.openPaths.splice(this.#disk.openPaths.indexOf(this.path), 1)
  }

  #demandOpen(attempt: string): void {
    if (!this.#isOpen) throw new DiskError(attempt, this.path, 'EBADF')
  }
}
