import type { DiskError } from '../../world.ts'
import type { JournalEntry, JournaledBytes } from './entry.ts'
import { ENTRY_BYTES, entrySizeBytes } from './group.ts'

/** Called once: without an error when everything of the commit is durable. */
export type CommitDone = (error: DiskError | undefined) => void

interface Waiting {
  readonly entry: JournalEntry | undefined
  /** Set on the last entry of a commit. */
  readonly done: CommitDone | undefined
}

export interface TakenEntries {
  readonly entries: readonly JournalEntry[]
  readonly dones: readonly CommitDone[]
}

/** The commits that wait for the next group, in order. One that is too large for a group goes into several. */
export class CommitQueue {
  #waiting: Waiting[] = []
  #first = 0

  get isEmpty(): boolean {
    return this.#first === this.#waiting.length
  }

  /** The bytes that the next entry takes in a group. */
  get nextSizeBytes(): number {
    const entry = this.#waiting[this.#first]?.entry
    return entry === undefined ? 0 : entrySizeBytes(entry)
  }

  push(entries: readonly JournalEntry[], done: CommitDone): void {
    const last = entries.length - 1
    for (const [index, entry] of entries.entries()) {
      this.#waiting.push({ entry, done: index === last ? done : undefined })
    }
    if (last < 0) this.#waiting.push({ entry: undefined, done })
  }

  /** Takes what fits into `roomBytes`; when not even the first entry does, a piece of it. */
  take(roomBytes: number): TakenEntries {
    const entries: JournalEntry[] = []
    const dones: CommitDone[] = []
    let left = roomBytes
    for (let next = this.#waiting[this.#first]; next !== undefined; ) {
      const { entry, done } = next
      if (entry !== undefined) {
        const sizeBytes = entrySizeBytes(entry)
        if (sizeBytes > left) break
        left -= sizeBytes
        entries.push(entry)
      }
      if (done !== undefined) dones.push(done)
      this.#first += 1
      next = this.#waiting[this.#first]
    }
    if (entries.length === 0 && dones.length === 0) entries.push(this.#takePiece(left))
    this.#forgetTaken()
    return { entries, dones }
  }

  /** Takes the entries of one log out: it is deleted. Who waits for them is answered all the same. */
  forget(isOfLog: (entry: JournalEntry) => boolean): void {
    const kept: Waiting[] = []
    for (const { entry, done } of this.#waiting.slice(this.#first)) {
      const isKept = entry !== undefined && !isOfLog(entry)
      if (isKept || done !== undefined) kept.push({ entry: isKept ? entry : undefined, done })
    }
    this.#waiting = kept
    this.#first = 0
  }

  /** Takes all that wait for an answer, when there will be no further group. */
  takeDones(): readonly CommitDone[] {
    const dones: CommitDone[] = []
    for (const { done } of this.#waiting.slice(this.#first))
      if (done !== undefined) dones.push(done)
    this.#waiting = []
    this.#first = 0
    return dones
  }

  /** Cuts a piece off the first entry. It completes no batch, so it ends at its base offset; the rest carries the true end. */
  #takePiece(roomBytes: number): JournalEntry {
    const first = this.#waiting[this.#first]
    if (first?.entry?.type !== 'bytes') throw new RangeError('there is no room for an entry')
    const [piece, rest] = split(first.entry, roomBytes - ENTRY_BYTES)
    this.#waiting[this.#first] = { entry: rest, done: first.done }
    return piece
  }

  #forgetTaken(): void {
    if (this.isEmpty) {
      this.#waiting = []
      this.#first = 0
    } else if (this.#first > 1024) {
      this.#waiting.splice(0, this.#first)
      this.#first = 0
    }
  }
}

const split = (entry: JournaledBytes, sizeBytes: number): [JournaledBytes, JournaledBytes] => {
  const head: Uint8Array[] = []
  const tail: Uint8Array[] = []
  let left = sizeBytes
  for (const part of entry.parts) {
    if (left > 0) head.push(part.subarray(0, left))
    if (part.length > left) tail.push(part.subarray(left))
    left = Math.max(0, left - part.length)
  }
  return [
    { ...entry, endOffset: entry.baseOffset, parts: head },
    { ...entry, segmentPosition: entry.segmentPosition + sizeBytes, parts: tail },
  ]
}
