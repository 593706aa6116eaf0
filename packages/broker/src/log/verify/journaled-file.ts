/** A segment as the next start will see it: with the bytes that the journal puts back (see `restore-segments.ts`). For reading only. */
import { DiskError, type DiskFile } from '../../world.ts'
import type { RecoveredBytes } from '../journal/entry.ts'

export class JournaledFile implements DiskFile {
  readonly path: string
  readonly sizeBytes: number
  readonly #file: DiskFile | undefined
  readonly #entries: readonly RecoveredBytes[]

  /** `file` is undefined where the journal alone knows the segment. */
  constructor(path: string, file: DiskFile | undefined, entries: readonly RecoveredBytes[]) {
    this.path = path
    this.#file = file
    this.#entries = entries
    this.sizeBytes = entries.reduce(
      (size, { segmentPosition, sizeBytes }) => Math.max(size, segmentPosition + sizeBytes),
      file?.sizeBytes ?? 0,
    )
  }

  async read(position: number, into: Uint8Array): Promise<number> {
    const end = Math.min(position + into.length, this.sizeBytes)
    const count = Math.max(0, end - position)
    const target = into.subarray(0, count)
    const readBytes = (await this.#file?.read(position, target)) ?? 0
    target.fill(0, readBytes)
    // In the order in which they were written: a later one lies over an earlier one.
    for (const entry of this.#entries) {
      const start = Math.max(position, entry.segmentPosition)
      const stop = Math.min(end, entry.segmentPosition + entry.sizeBytes)
      if (start >= stop) continue
      const bytes = await entry.read()
      const from = start - entry.segmentPosition
      target.set(bytes.subarray(from, from + stop - start), start - position)
    }
    return count
  }

  readNow(): number {
    throw this.#refused('read')
  }

  appendNow(): void {
    throw this.#refused('write')
  }

  async append(): Promise<void> {
    throw this.#refused('write')
  }

  writeNow(): void {
    throw this.#refused('write')
  }

  async write(): Promise<void> {
    throw this.#refused('write')
  }

  async sync(): Promise<void> {
    throw this.#refused('sync')
  }

  async truncate(): Promise<void> {
    throw this.#refused('truncate')
  }

  truncateNow(): void {
    throw this.#refused('truncate')
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  #refused(attempt: string): DiskError {
    return new DiskError(attempt, this.path, 'EROFS')
  }
}
