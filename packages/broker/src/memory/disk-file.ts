import { Buffer } from 'node:buffer'
import { DiskError, type DiskFile } from '../world.ts'

const CHUNK_BYTES = 64 * 1024
const SMALLEST_CHUNK_BYTES = 256

/** Takes (or with a negative count gives back) bytes of the disk; throws a `DiskError` when there are none. */
type Reserve = (bytes: number, path: string) => void

/**
 * The content of one file. It is kept in chunks, so that a growing file is not copied again and again; a chunk is made when a
 * byte of it is first written and is as long as it needs to be, so that holes and small files cost little.
 */
export class MemoryFile {
  readonly #now: () => number
  readonly #reserve: Reserve
  readonly #chunks: (Buffer | undefined)[] = []
  #sizeBytes = 0
  #modifiedMs: number
  #isUnlinked = false

  constructor(options: { readonly now: () => number; readonly reserve: Reserve }) {
    this.#now = options.now
    this.#reserve = options.reserve
    this.#modifiedMs = options.now()
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get modifiedMs(): number {
    return this.#modifiedMs
  }

  handle(path: string): DiskFile {
    return new MemoryFileHandle(this, path)
  }

  /** A copy of the whole content. */
  content(): Buffer {
    const content = Buffer.alloc(this.#sizeBytes)
    this.readAt(0, content)
    return content
  }

  readAt(position: number, into: Uint8Array): number {
    const wanted = Math.max(0, Math.min(into.length, this.#sizeBytes - position))
    for (let done = 0; done < wanted; ) {
      const within = (position + done) % CHUNK_BYTES
      const count = Math.min(wanted - done, CHUNK_BYTES - within)
      const chunk = this.#chunks[Math.floor((position + done) / CHUNK_BYTES)]
      const written = chunk?.subarray(within, within + count)
      if (written !== undefined) into.set(written, done)
      into.fill(0, done + (written?.length ?? 0), done + count)
      done += count
    }
    return wanted
  }

  /** Writes all parts or, when the disk is full, none. */
  writeAt(position: number, parts: readonly Uint8Array[], path: string): void {
    let end = position
    for (const part of parts) end += part.length
    const growth = Math.max(0, end - this.#sizeBytes)
    this.#take(growth, path)
    let at = position
    for (const part of parts) {
      this.#copyIn(at, part)
      at += part.length
    }
    this.#sizeBytes += growth
    this.#modifiedMs = this.#now()
  }

  truncate(sizeBytes: number, path: string): void {
    this.#take(sizeBytes - this.#sizeBytes, path)
    const lastChunk = Math.floor(sizeBytes / CHUNK_BYTES)
    if (sizeBytes < this.#sizeBytes) {
      this.#chunks.length = Math.min(this.#chunks.length, lastChunk + 1)
      this.#chunks[lastChunk]?.subarray(sizeBytes % CHUNK_BYTES).fill(0)
    }
    this.#sizeBytes = sizeBytes
    this.#modifiedMs = this.#now()
  }

  /** The name is gone: its bytes are the disk's again, although open handles may still read them. */
  unlink(): void {
    this.#take(-this.#sizeBytes, '')
    this.#isUnlinked = true
  }

  #take(bytes: number, path: string): void {
    if (!this.#isUnlinked) this.#reserve(bytes, path)
  }

  #copyIn(position: number, part: Uint8Array): void {
    for (let done = 0; done < part.length; ) {
      const index = Math.floor((position + done) / CHUNK_BYTES)
      const within = (position + done) % CHUNK_BYTES
      const count = Math.min(part.length - done, CHUNK_BYTES - within)
      this.#chunk(index, within + count).set(part.subarray(done, done + count), within)
      done += count
    }
  }

  /** The chunk at `index`, made or grown to hold `sizeBytes`. */
  #chunk(index: number, sizeBytes: number): Buffer {
    while (this.#chunks.length <= index) this.#chunks.push(undefined)
    const chunk = this.#chunks[index]
    if (chunk !== undefined && chunk.length >= sizeBytes) return chunk
    let grownBytes = SMALLEST_CHUNK_BYTES
    while (grownBytes < sizeBytes) grownBytes *= 2
    const grown = Buffer.alloc(grownBytes)
    if (chunk !== undefined) grown.set(chunk)
    this.#chunks[index] = grown
    return grown
  }
}

class MemoryFileHandle implements DiskFile {
  readonly path: string
  readonly #file: MemoryFile
  #isOpen = true

  constructor(file: MemoryFile, path: string) {
    this.#file = file
    this.path = path
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes
  }

  appendNow(parts: readonly Uint8Array[]): void {
    this.#demandOpen('append to')
    this.#file.writeAt(this.#file.sizeBytes, parts, this.path)
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    this.appendNow(parts)
  }

  writeNow(position: number, parts: readonly Uint8Array[]): void {
    this.#demandOpen('write')
    this.#file.writeAt(position, parts, this.path)
  }

  async write(position: number, parts: readonly Uint8Array[]): Promise<void> {
    this.writeNow(position, parts)
  }

  readNow(position: number, into: Uint8Array): number {
    this.#demandOpen('read')
    return this.#file.readAt(position, into)
  }

  async read(position: number, into: Uint8Array): Promise<number> {
    return this.readNow(position, into)
  }

  async sync(): Promise<void> {
    this.#demandOpen('sync')
  }

  truncateNow(sizeBytes: number): void {
    this.#demandOpen('truncate')
    this.#file.truncate(sizeBytes, this.path)
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.truncateNow(sizeBytes)
  }

  async close(): Promise<void> {
    this.#isOpen = false
  }

  #demandOpen(attempt: string): void {
    if (!this.#isOpen) throw new DiskError(attempt, this.path, 'EBADF')
  }
}
