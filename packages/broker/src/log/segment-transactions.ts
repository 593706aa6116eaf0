import type { Disk } from '../world.ts'
import type { AbortedTransaction } from './aborted-transaction.ts'
import { removeIfThere } from './remove-if-there.ts'
import { TransactionIndex } from './transaction-index.ts'

/** The aborted transactions whose markers lie in one segment: in memory while the segment is written to, else read when needed. */
export class SegmentTransactions {
  readonly #baseOffset: number
  readonly #disk: Disk
  readonly #path: string
  /** Undefined: not read from the file yet. */
  #index: TransactionIndex | undefined
  /** An index without entries has no file. */
  #mayHaveFile: boolean
  /** A file that is missing says that nothing was aborted: its name must be on the disk before anybody relies on it (L7). */
  #nameIsDurable: boolean

  constructor(disk: Disk, path: string, segment: { baseOffset: number; file: 'none' | 'maybe' }) {
    this.#baseOffset = segment.baseOffset
    this.#disk = disk
    this.#path = path
    this.#mayHaveFile = segment.file === 'maybe'
    this.#nameIsDurable = this.#mayHaveFile
    if (!this.#mayHaveFile) this.#index = new TransactionIndex(segment.baseOffset)
  }

  /** The index when it is in memory: always of the segment that is written to. */
  get index(): TransactionIndex | undefined {
    return this.#index
  }

  /** How many entries are in memory, to come back to with `cutTo`. */
  get count(): number {
    return this.#index?.count ?? 0
  }

  add(aborted: AbortedTransaction): void {
    this.#index ??= new TransactionIndex(this.#baseOffset)
    this.#index.append(aborted)
  }

  cutTo(count: number): void {
    this.#index?.file.truncate(count)
  }

  /** Starts anew, for a rebuild that enters every batch again. Where there was no file, none has to be removed. */
  reset(): void {
    this.#nameIsDurable = false
    this.#index = new TransactionIndex(this.#baseOffset)
  }

  /** Takes over an index of which nothing is known to be in the file, for a rebuild that enters the batches behind it. */
  restore(index: TransactionIndex): void {
    this.reset()
    this.#index = index
  }

  /** The index from its file; undefined when that cannot be right (then whoever has the whole log builds it again, for `replace`). */
  async load(): Promise<TransactionIndex | undefined> {
    if (this.#index !== undefined) return this.#index
    return this.take(await this.#disk.readFile(this.#path))
  }

  /** The same from the file's content; undefined: there is no file. */
  take(content: Buffer | undefined): TransactionIndex | undefined {
    const loaded = new TransactionIndex(this.#baseOffset)
    if (content !== undefined && loaded.load(content) !== undefined) return undefined
    this.#index ??= loaded
    return this.#index
  }

  /** Takes over what was built from the batches; the file follows with `write`. */
  replace(entries: readonly AbortedTransaction[]): TransactionIndex {
    this.reset()
    for (const entry of entries) this.add(entry)
    return this.#index as TransactionIndex
  }

  /** Brings the file up to the index in memory, by `writeIndex`, durably with its name. Rejects with a `DiskError`. */
  async write(writeIndex: (file: TransactionIndex['file']) => Promise<void>): Promise<void> {
    const index = this.#index
    if (index === undefined) return
    if (index.count > 0) {
      this.#mayHaveFile = true
      await writeIndex(index.file)
      if (!this.#nameIsDurable) await this.#syncName()
      this.#nameIsDurable = true
    } else if (this.#mayHaveFile) {
      await removeIfThere(this.#disk, this.#path)
      await this.#syncName()
      this.#mayHaveFile = false
    }
  }

  #syncName(): Promise<void> {
    return this.#disk.syncDirectory(this.#path.slice(0, this.#path.lastIndexOf('/')))
  }

  get isWritten(): boolean {
    return this.#index?.file.unwritten() === undefined
  }

  /** Lets the index go if it can be read again. */
  release(): void {
    if (this.#mayHaveFile && this.isWritten) this.#index = undefined
  }
}
