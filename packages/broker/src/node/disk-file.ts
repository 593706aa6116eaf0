import * as fs from 'node:fs'
import { DiskError, type DiskFile } from '../world.ts'
import { diskErrorOf } from './disk-error.ts'

/** The buffers of one system call: Linux takes 1024. */
const PARTS_PER_CALL = 1024

/**
 * An open file. Writes are positional at the size that this handle knows. `close` waits for what is under way, because the
 * system gives the number of a closed file to the next one opened, and a late write would land there.
 */
export class NodeDiskFile implements DiskFile {
  readonly path: string
  readonly #descriptor: number
  #sizeBytes: number
  #underWay = 0
  #whenIdle: (() => void) | undefined
  #closing: Promise<void> | undefined
  #syncError: DiskError | undefined

  constructor(path: string, descriptor: number, sizeBytes: number) {
    this.path = path
    this.#descriptor = descriptor
    this.#sizeBytes = sizeBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  appendNow(parts: readonly Uint8Array[]): void {
    const before = this.#sizeBytes
    try {
      this.writeNow(before, parts)
    } catch (error) {
      this.#cutBack(before, error)
      throw error
    }
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    const before = this.#sizeBytes
    try {
      await this.write(before, parts)
    } catch (error) {
      this.#cutBack(before, error)
      throw error
    }
  }

  writeNow(position: number, parts: readonly Uint8Array[]): void {
    this.#demandOpen('write')
    let rest = parts
    let at = position
    while (sizeOf(rest) > 0) {
      const written = this.#attempt('write', () =>
        fs.writevSync(this.#descriptor, rest.slice(0, PARTS_PER_CALL), at),
      )
      rest = after(rest, written, this.path)
      at += written
      this.#sizeBytes = Math.max(this.#sizeBytes, at)
    }
  }

  async write(position: number, parts: readonly Uint8Array[]): Promise<void> {
    let rest = parts
    let at = position
    while (sizeOf(rest) > 0) {
      const written = await this.#call<number>('write', done => {
        fs.writev(this.#descriptor, rest.slice(0, PARTS_PER_CALL), at, done)
      })
      rest = after(rest, written, this.path)
      at += written
      this.#sizeBytes = Math.max(this.#sizeBytes, at)
    }
  }

  readNow(position: number, into: Uint8Array): number {
    this.#demandOpen('read')
    let done = 0
    while (done < into.length) {
      const count = this.#attempt('read', () =>
        fs.readSync(this.#descriptor, into, done, into.length - done, position + done),
      )
      if (count === 0) break
      done += count
    }
    return done
  }

  async read(position: number, into: Uint8Array): Promise<number> {
    let done = 0
    while (done < into.length) {
      const start = done
      const count = await this.#call<number>('read', finish => {
        fs.read(this.#descriptor, into, start, into.length - start, position + start, finish)
      })
      if (count === 0) break
      done += count
    }
    return done
  }

  /** After a failed sync the page cache may call lost bytes clean, so every later sync fails with the first error (L6). */
  async sync(): Promise<void> {
    if (this.#syncError !== undefined) throw this.#syncError
    try {
      await this.#call<void>('sync', done => {
        fs.fdatasync(this.#descriptor, error => done(error, undefined))
      })
    } catch (error) {
      if (error instanceof DiskError && error.code !== 'EBADF') this.#syncError ??= error
      throw error
    }
  }

  truncateNow(sizeBytes: number): void {
    this.#demandOpen('truncate')
    this.#attempt('truncate', () => fs.ftruncateSync(this.#descriptor, sizeBytes))
    this.#sizeBytes = sizeBytes
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.#call<void>('truncate', done => {
      fs.ftruncate(this.#descriptor, sizeBytes, error => done(error, undefined))
    })
    this.#sizeBytes = sizeBytes
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>(resolve => {
        this.#whenIdle = resolve
      })
    }
    // At once: a file is not removed while it is open, so nothing is given back to the disk here that could take long.
    this.#attempt('close', () => fs.closeSync(this.#descriptor))
  }

  #demandOpen(attempt: string): void {
    if (this.#closing !== undefined) throw new DiskError(attempt, this.path, 'EBADF')
  }

  #attempt<T>(attempt: string, run: () => T): T {
    try {
      return run()
    } catch (error) {
      throw diskErrorOf(attempt, this.path, error)
    }
  }

  #call<T>(attempt: string, start: (done: Done<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#demandOpen(attempt)
      this.#underWay += 1
      start((error, result) => {
        this.#underWay -= 1
        if (error === null) resolve(result)
        else reject(diskErrorOf(attempt, this.path, error))
        if (this.#underWay === 0) this.#whenIdle?.()
      })
    })
  }

  /** A half-written append must not stay: the next one would follow it. When the cut fails too, the write's error says so. */
  #cutBack(sizeBytes: number, writeError: unknown): void {
    if (this.#closing !== undefined) return
    try {
      fs.ftruncateSync(this.#descriptor, sizeBytes)
      this.#sizeBytes = sizeBytes
    } catch (error) {
      const cause = new AggregateError([writeError, error])
      throw diskErrorOf(
        'cut the half-written tail of',
        this.path,
        Object.assign(cause, { code: 'EIO' }),
      )
    }
  }
}

type Done<T> = (error: NodeJS.ErrnoException | null, result: T) => void

const sizeOf = (parts: readonly Uint8Array[]): number => {
  let sizeBytes = 0
  for (const part of parts) sizeBytes += part.length
  return sizeBytes
}

/** What is left of `parts` after `written` bytes. */
const after = (
  parts: readonly Uint8Array[],
  written: number,
  path: string,
): readonly Uint8Array[] => {
  if (written === 0) throw new DiskError('write', path, 'EIO')
  let index = 0
  let skip = written
  for (let part = parts[0]; part !== undefined && skip >= part.length; part = parts[index]) {
    skip -= part.length
    index += 1
  }
  const rest = parts.slice(index)
  const first = rest[0]
  if (first !== undefined && skip > 0) rest[0] = first.subarray(skip)
  return rest
}
