import type { DirtyLog } from './dirty-log.ts'

/** What of a log was written since its last sync began. */
export interface Unsynced {
  bytes: number
  sinceMs: number
  /** Somebody asked for the sync already. */
  isQueued: boolean
}

/** Which logs have bytes that are not synced, how many, and since when; and how many that are in all, those being synced included. */
export class UnsyncedLogs {
  readonly #logs = new Map<DirtyLog, Unsynced>()
  #totalBytes = 0

  get totalBytes(): number {
    return this.#totalBytes
  }

  get size(): number {
    return this.#logs.size
  }

  get(log: DirtyLog): Unsynced | undefined {
    return this.#logs.get(log)
  }

  has(log: DirtyLog): boolean {
    return this.#logs.has(log)
  }

  keys(): IterableIterator<DirtyLog> {
    return this.#logs.keys()
  }

  entries(): IterableIterator<[DirtyLog, Unsynced]> {
    return this.#logs.entries()
  }

  /** The log wrote so many bytes more, which may be none. */
  add(log: DirtyLog, bytes: number, nowMs: number): void {
    this.#totalBytes += bytes
    const known = this.#logs.get(log)
    if (known === undefined) this.#logs.set(log, { bytes, sinceMs: nowMs, isQueued: false })
    else known.bytes += bytes
  }

  /** A sync of the log begins; returns the bytes that it covers, for `done`. What the log writes from now on is another sync's. */
  begin(log: DirtyLog): number {
    const bytes = this.#logs.get(log)?.bytes ?? 0
    this.#logs.delete(log)
    return bytes
  }

  /** The sync of so many bytes has ended. */
  done(bytes: number): void {
    this.#totalBytes -= bytes
  }

  /** The log is gone. */
  forget(log: DirtyLog): void {
    this.done(this.begin(log))
  }

  /** The log with the most unsynced bytes, of those whose sync nobody asked for yet. */
  largest(): DirtyLog | undefined {
    let largest: DirtyLog | undefined
    let bytesMax = 0
    for (const [log, { bytes, isQueued }] of this.#logs) {
      if (isQueued || bytes <= bytesMax) continue
      largest = log
      bytesMax = bytes
    }
    return largest
  }
}
