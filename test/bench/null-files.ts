/** What the null broker keeps of its records. */
import {
  closeSync,
  fdatasync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
  writev,
  writevSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendAll } from './null-answers.ts'

const JOURNAL_BYTES = 64 * 2 ** 20

interface NullLog {
  readonly file: number
  nextOffset: number
  bytes: number
  /** Of the turn, not yet in the file. */
  pending: Buffer[]
}

/** A file for each partition; what a turn gathered is appended with one call for each that took something. */
export class NullFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'varve-null-broker-'))
  #logs: NullLog[] = []
  #touched: NullLog[] = []
  /** Batches are only given their offsets: somebody else writes them. */
  isElsewhere = false

  /** Gives the batch its offset in place, and remembers it for the end of the turn. */
  take(partition: number, batch: Buffer, records: number): number {
    const log = this.of(partition)
    const { nextOffset } = log
    batch.writeInt32BE(0, 0)
    batch.writeInt32BE(nextOffset, 4)
    log.nextOffset += records
    if (this.isElsewhere) return nextOffset
    if (log.pending.length === 0) this.#touched.push(log)
    log.pending.push(batch)
    log.bytes += batch.length
    return nextOffset
  }

  of(partition: number): NullLog {
    const known = this.#logs[partition]
    if (known !== undefined) return known
    const file = openSync(join(this.folder, `${partition}.log`), 'a+')
    const log: NullLog = { file, nextOffset: 0, bytes: 0, pending: [] }
    this.#logs[partition] = log
    return log
  }

  write(): void {
    for (const log of this.#touched) {
      writevSync(log.file, log.pending)
      log.pending = []
    }
    this.#touched = []
  }

  /** Nothing is left, and no file is open. */
  reset(): void {
    for (const log of this.#logs) {
      if (log === undefined) continue
      ftruncateSync(log.file, 0)
      closeSync(log.file)
    }
    this.#logs = []
  }

  close(): void {
    for (const log of this.#logs) if (log !== undefined) closeSync(log.file)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What a broker must do to acknowledge what is on the disk, and no more. */
export class GroupCommit {
  readonly #file: number
  #position = 0
  #parts: Buffer[] = []
  #answers = new Map<Socket, Buffer[]>()
  #isBusy = false

  constructor(folder: string) {
    this.#file = openSync(join(folder, 'journal'), 'w+')
    const zeros = Buffer.alloc(2 ** 20)
    for (let at = 0; at < JOURNAL_BYTES; at += zeros.length)
      writeSync(this.#file, zeros, 0, zeros.length, at)
  }

  add(batch: Buffer, socket: Socket, answer: Buffer): void {
    // The receive buffer is used again before the write begins.
    this.#parts.push(Buffer.from(batch))
    const answers = this.#answers.get(socket)
    if (answers === undefined) this.#answers.set(socket, [answer])
    else answers.push(answer)
  }

  /** Begins with what there is, unless a group is on its way. */
  start(): void {
    if (this.#isBusy || this.#parts.length === 0) return
    this.#isBusy = true
    const parts = this.#parts
    const answers = this.#answers
    this.#parts = []
    this.#answers = new Map()
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    if (this.#position + bytes > JOURNAL_BYTES) this.#position = 0
    writev(this.#file, parts, this.#position, error => {
      if (error !== null) throw error
      this.#position += bytes
      fdatasync(this.#file, failed => {
        if (failed !== null) throw failed
        this.#isBusy = false
        for (const [socket, own] of answers) sendAll(socket, own)
        this.start()
      })
    })
  }
}
