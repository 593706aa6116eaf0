/** What one partition was told and what it promised when, to compare with what a crash left. Knows nothing of how the log works. */
import type { Entry } from '../../support/transactional-log.ts'

/** A batch that the partition took in. */
export interface Sent extends Entry {
  /** Of each record; of a marker none. */
  readonly records: readonly { readonly key: string; readonly value: string }[]
  /** As the producer sent it; a marker's are not kept. */
  readonly bytes: Buffer | undefined
}

/** Something that holds from this count of disk operations on. */
interface Fact {
  readonly at: number
  readonly offset: number
}

/** What made a promise: an acknowledgement, a reader who saw the record, or a log that called it safe. */
export type Promiser = 'acknowledged' | 'read' | 'synced' | 'recovered' | 'stopped'

interface Forgotten {
  /** The count of disk operations after the start that forgot it. */
  readonly at: number
  readonly batch: Sent
}

interface Promised extends Fact {
  readonly by: Promiser
}

export class History {
  readonly name: string
  /** What is in the log, by offset. */
  live: Sent[] = []
  /** Everything that ever was, also what was taken back. */
  readonly everything: Sent[] = []
  readonly #promises: Promised[] = []
  readonly #deletions: Fact[] = []
  /** Where the log might begin after a crash. */
  readonly #starts: Fact[] = []
  /** Where readers were told that it begins. */
  readonly #toldStarts: Fact[] = []
  /** What a start did not know any more: it had lost the segments before they were deleted. */
  #forgotten: Forgotten[] = []

  constructor(name: string) {
    this.name = name
  }

  /** The same, to go on with in another way. */
  clone(): History {
    const clone = new History(this.name)
    clone.live = [...this.live]
    clone.everything.push(...this.everything)
    clone.#promises.push(...this.#promises)
    clone.#deletions.push(...this.#deletions)
    clone.#starts.push(...this.#starts)
    clone.#toldStarts.push(...this.#toldStarts)
    clone.#forgotten = [...this.#forgotten]
    return clone
  }

  sent(batch: Sent): void {
    this.live.push(batch)
    this.everything.push(batch)
  }

  /** Offsets from here on are given anew: what had them was never written, or is lost and was allowed to be. */
  endsAt(offset: number): void {
    while ((this.live.at(-1)?.lastOffset ?? -1) >= offset) this.live.pop()
  }

  /** A start that ended at this operation, with a log that begins at `start`, knows of these batches and of no others. */
  remembers(at: number, start: number, entries: readonly Sent[]): void {
    const known = new Set(entries)
    const dropped = this.live.filter(batch => !known.has(batch) && batch.lastOffset < start)
    this.#forgotten.push(...dropped.map(batch => ({ at, batch })))
    this.live = [...entries]
  }

  /** Everything below the offset has to outlive any crash from now on. */
  promise(at: number, offset: number, by: Promiser): void {
    if (offset > 0) this.#promises.push({ at, offset, by })
  }

  /** Records below the offset are deleted for good. */
  deletedTo(at: number, offset: number): void {
    this.#deletions.push({ at, offset })
  }

  /** Readers are told that the log begins at `told`; it may begin as late as at `most`, for that is under way. */
  startsAt(at: number, { told, most }: { readonly told: number; readonly most: number }): void {
    this.#toldStarts.push({ at, offset: told })
    this.#starts.push({ at, offset: most })
  }

  /** What comes after this operation has never happened, and operations are counted anew. */
  rewindTo(count: number): void {
    const promised = this.promisedAt(count)
    const by = this.promiserOf(promised)
    const deleted = this.deletedAt(count)
    const start = this.startAtMost(count)
    const told = this.startToldAt(count)
    this.#promises.splice(0, this.#promises.length, { at: 0, offset: promised, by })
    this.#deletions.splice(0, this.#deletions.length, { at: 0, offset: deleted })
    this.#starts.splice(0, this.#starts.length, { at: 0, offset: start })
    this.#toldStarts.splice(0, this.#toldStarts.length, { at: 0, offset: told })
    // A start that has never happened has forgotten nothing.
    const back = this.#forgotten.filter(({ at }) => at > count).map(({ batch }) => batch)
    this.live = [...back, ...this.live].sort((one, other) => one.baseOffset - other.baseOffset)
    this.#forgotten = []
  }

  promisedAt(count: number): number {
    return largest(this.#promises, count)
  }

  /** What a journal that was written at this operation may carry: everything that counted by then. */
  carriedAt(count: number): number {
    return largest(
      this.#promises.filter(({ by }) => by !== 'synced'),
      count,
    )
  }

  promiserOf(offset: number): Promiser {
    return this.#promises.find(promised => promised.offset === offset)?.by ?? 'recovered'
  }

  deletedAt(count: number): number {
    return largest(this.#deletions, count)
  }

  /** No later start may say that the log begins before this. */
  startToldAt(count: number): number {
    return largest(this.#toldStarts, count)
  }

  /** The log cannot begin later than here: so it was seen at the operation or soon after. */
  startAtMost(count: number): number {
    const next = this.#starts.findIndex(({ at }) => at >= count)
    const seen = next === -1 ? this.#starts : this.#starts.slice(0, next + 1)
    return seen.reduce((most, { offset }) => Math.max(most, offset), 0)
  }
}

const largest = (facts: readonly Fact[], count: number): number =>
  facts.reduce((most, { at, offset }) => (at <= count ? Math.max(most, offset) : most), 0)
