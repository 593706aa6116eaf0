/**
 * The machine as an argument. Everything that makes two runs of the broker differ (time, chance, disk, network) arrives
 * through this value, so the same code runs in production (`node/`), inside a test (`memory/`) and later in a simulator.
 */

/** All that a broker may touch outside its own memory. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  readonly network: Network
  readonly log: Log
  /** Ends this broker, and only this broker: an in-process one must not take its host with it. Called at most once, with the reason. */
  readonly fail: (reason: Error) => void
}

export interface Clock {
  /** Wall-clock milliseconds since 1970. May jump either way: for timestamps, never for durations. */
  now(): number
  /** Milliseconds that only grow, with fractions. For durations and deadlines. */
  monotonic(): number
  /** Calls `fire` once, after at least `delayMs`. All timers of a broker sit on one wheel, so one timer costs no system call. */
  after(delayMs: number, fire: () => void): Timer
  /** Calls `run` once when the current turn of the event loop has handled the bytes at hand: the moment to gather writes. */
  endOfTurn(run: () => void): void
}

export interface Timer {
  cancel(): void
}

export interface Random {
  /** `size` unpredictable bytes. */
  bytes(size: number): Uint8Array
  /** A uniform integer, 0 <= n < `bound`. */
  below(bound: number): number
}

export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  /** A log that adds `fields` to every line. */
  with(fields: LogFields): Log
}

export type LogFields = { readonly [name: string]: unknown }

// ---------------------------------------------------------------- network

export interface Network {
  /**
   * Listens on `host`:`port` (0: a free port) and calls `accept` for each connection; what it returns gets the bytes.
   * Rejects with a `NetworkError` whose `code` is the operating system's (`EADDRINUSE`, `EACCES`).
   */
  listen(
    at: { readonly host: string; readonly port: number },
    accept: (connection: Connection) => ConnectionEvents,
  ): Promise<Listener>
}

export interface Listener {
  readonly host: string
  readonly port: number
  /** Stops accepting; open connections stay. */
  close(): Promise<void>
}

export interface Connection {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  /**
   * Sends the parts in order, without copying them: they may not change until `onSent`, which is called once all of them
   * were handed to the operating system (or the connection died). False: the outbound buffer is full, `onDrain` will come.
   */
  send(parts: readonly Uint8Array[], onSent?: () => void): boolean
  /** Bytes that were sent but not yet handed to the operating system. */
  readonly unsentBytes: number
  pause(): void
  resume(): void
  /** Ends the connection after what was sent has left. */
  close(): void
  /** Ends the connection now; what was not sent yet is dropped. */
  destroy(): void
}

export interface ConnectionEvents {
  /** `chunk` is valid only during the call: its memory is reused for the next bytes. */
  onBytes(chunk: Buffer): void
  onDrain(): void
  /** Called exactly once, last. */
  onClose(): void
}

// ---------------------------------------------------------------- disk

/**
 * Files and folders. What was written survives a crash of the process; it survives a power cut only after `sync`, and a
 * created, renamed or removed name only after `syncDirectory` of its folder (L7). Every failure is a `DiskError`.
 * Methods ending in `Now` block the event loop: for small, hot or rare work. Paths are absolute, `/`-separated.
 */
export interface Disk {
  /** Opens for reading and writing. `create` makes a missing file, `existing` demands it, `truncate` empties it first or makes it. */
  open(path: string, mode: OpenMode): Promise<DiskFile>
  openNow(path: string, mode: OpenMode): DiskFile
  /** The whole file, or undefined when there is none. */
  readFile(path: string): Promise<Buffer | undefined>
  readFileNow(path: string): Buffer | undefined
  /** Replaces the file as a whole: temporary file, sync, rename, directory sync. A crash leaves the old or the new content. */
  writeFileAtomically(path: string, content: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  removeNow(path: string): void
  /** Removes a folder and all that is in it. */
  removeDirectory(path: string): Promise<void>
  /** Makes the folder and its missing parents. */
  makeDirectory(path: string): Promise<void>
  /**
   * The entries of a folder by name, or undefined when there is none. Sizes and times are right of the files whose names `isAsked` wants, of
   * all without it: asking for each is what costs.
   */
  list(
    path: string,
    isAsked?: (name: string) => boolean,
  ): Promise<readonly DirectoryEntry[] | undefined>
  listNow(path: string, isAsked?: (name: string) => boolean): readonly DirectoryEntry[] | undefined
  syncDirectory(path: string): Promise<void>
  /** Takes the folder for this process alone until `release`; rejects with a `DiskError` of code `ELOCKED` when another holds it. */
  lock(directory: string): Promise<DirectoryLock>
  /** Bytes that can still be written in the file system of `path`, and its whole size. */
  space(path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
}

export type OpenMode = 'create' | 'existing' | 'truncate'

export interface DirectoryEntry {
  readonly name: string
  readonly isDirectory: boolean
  readonly sizeBytes: number
  readonly modifiedMs: number
}

export interface DirectoryLock {
  release(): Promise<void>
}

export interface DiskFile {
  readonly path: string
  /** The size as this handle knows it: it grows with each write. */
  readonly sizeBytes: number
  /** Appends all parts in order, looping over short writes. On failure the tail beyond the former size was cut again, or the error says so. */
  appendNow(parts: readonly Uint8Array[]): void
  append(parts: readonly Uint8Array[]): Promise<void>
  /** Overwrites at `position`; for preallocated files and indexes. */
  writeNow(position: number, parts: readonly Uint8Array[]): void
  write(position: number, parts: readonly Uint8Array[]): Promise<void>
  /** Reads up to `into.length` bytes at `position`; returns how many there were. */
  read(position: number, into: Uint8Array): Promise<number>
  readNow(position: number, into: Uint8Array): number
  /** Makes data and size durable (fdatasync). A failed sync is never retried (L6). */
  sync(): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  truncateNow(sizeBytes: number): void
  close(): Promise<void>
}

/** An operating failure of the disk: what was attempted, and the operating system's code (`ENOSPC`, `EIO`, `EACCES`, `ELOCKED`). */
export class DiskError extends Error {
  override readonly name = 'DiskError'
  readonly code: string
  readonly path: string

  constructor(attempt: string, path: string, code: string, cause?: unknown) {
    super(`could not ${attempt} ${path}: ${code}`, { cause })
    this.code = code
    this.path = path
  }

  /** There was no room: a failure that passes by itself. */
  get isFullDisk(): boolean {
    return this.code === 'ENOSPC' || this.code === 'EDQUOT'
  }

  /** A file or folder could not be opened for want of descriptors: nothing was attempted with it yet, so it may be tried again. */
  get isShortOfFiles(): boolean {
    return this.code === 'EMFILE' || this.code === 'ENFILE'
  }

  /** It says nothing of what was attempted, only that there was no room or no descriptor: later it may do. */
  get isPassing(): boolean {
    return this.isFullDisk || this.isShortOfFiles
  }
}

/** An operating failure of the network; `code` is the operating system's (`EADDRINUSE`). */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly code: string

  constructor(attempt: string, code: string, cause?: unknown) {
    super(`could not ${attempt}: ${code}`, { cause })
    this.code = code
  }
}
