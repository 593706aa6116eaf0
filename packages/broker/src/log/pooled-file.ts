import { DiskError, type DiskFile } from '../world.ts'

/** The pool, as one of its files sees it. */
export interface FilePool {
  /** Opens the file again. Throws a `DiskError`. */
  reopen(path: string): DiskFile
  /** All of the file is synced: it may be closed now. */
  synced(): void
  /** Its owner needs it no more. */
  closed(): void
}

/** A file of `PooledDisk`: open whenever it is used, though not all the time. */
export class PooledFile implements DiskFile {
  readonly path: string
  readonly #pool: FilePool
  #file: DiskFile | undefined
  /** While the file is not open. */
  #sizeBytes: number
  #underWay = 0
  /** Counts what changes the file, and what has changed it: a sync in between may not have covered that. */
  #changes = 0
  #syncedChanges = 0
  #wasUsed = true
  #isPinned = false
  /** Why it could not be opened before its name was about to change: what the name leads to now is not this file. */
  #lost: DiskError | undefined
  #isClosed = false

  constructor(file: DiskFile, pool: FilePool) {
    this.path = file.path
    this.#pool = pool
    this.#file = file
    this.#sizeBytes = file.sizeBytes
  }

  get sizeBytes(): number {
    return this.#file?.sizeBytes ?? this.#sizeBytes
  }

  /** Closes the file behind its owner's back, unless it has to stay open, or was used since the last call. Says whether it did. */
  closeIfIdle(): boolean {
    const file = this.#file
    const isIdle = !this.#wasUsed && this.#underWay === 0 && this.#changes === this.#syncedChanges
    this.#wasUsed = false
    if (file === undefined || !isIdle || this.#isPinned) return false
    this.#sizeBytes = file.sizeBytes
    this.#file = undefined
    // All of it is synced: a failure to close loses nothing.
    file.close().catch(() => undefined)
    return true
  }

  /** The name is about to lead to something else, or to nothing: the file stays open until its owner closes it. */
  pin(): void {
    if (this.#isClosed || this.#isPinned) return
    try {
      this.#use()
      this.#isPinned = true
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      // Its owner will be told when it is used.
      this.#lost = error
    }
  }

  appendNow(parts: readonly Uint8Array[]): void {
    const file = this.#use()
    this.#changes++
    file.appendNow(parts)
  }

  append(parts: readonly Uint8Array[]): Promise<void> {
    return this.#change(file => file.append(parts))
  }

  writeNow(position: number, parts: readonly Uint8Array[]): void {
    const file = this.#use()
    this.#changes++
    file.writeNow(position, parts)
  }

  write(position: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#change(file => file.write(position, parts))
  }

  read(position: number, into: Uint8Array): Promise<number> {
    return this.#during(file => file.read(position, into))
  }

  readNow(position: number, into: Uint8Array): number {
    return this.#use().readNow(position, into)
  }

  async sync(): Promise<void> {
    const changes = this.#changes
    await this.#during(file => file.sync())
    this.#syncedChanges = Math.max(this.#syncedChanges, changes)
    if (this.#changes === this.#syncedChanges) this.#pool.synced()
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#change(file => file.truncate(sizeBytes))
  }

  truncateNow(sizeBytes: number): void {
    const file = this.#use()
    this.#changes++
    file.truncateNow(sizeBytes)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#pool.closed()
    await this.#file?.close()
  }

  #use(): DiskFile {
    if (this.#isClosed) throw new DiskError('use', this.path, 'EBADF')
    if (this.#lost !== undefined) throw this.#lost
    this.#wasUsed = true
    this.#file ??= this.#pool.reopen(this.path)
    return this.#file
  }

  async #change<Result>(work: (file: DiskFile) => Promise<Result>): Promise<Result> {
    this.#changes++
    try {
      return await this.#during(work)
    } finally {
      this.#changes++
    }
  }

  async #during<Result>(work: (file: DiskFile) => Promise<Result>): Promise<Result> {
    const file = this.#use()
    this.#underWay++
    try {
      return await work(file)
    } finally {
      this.#underWay--
    }
  }
}
