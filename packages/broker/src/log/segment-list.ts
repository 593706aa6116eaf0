import { assert } from '../assert.ts'
import type { Disk } from '../world.ts'
import { Segment, type SegmentMark } from './segment.ts'

/** How the oldest segment leaves a log. */
export interface Departure {
  /** Takes its name away. When that rejects, the segment stays. */
  readonly takeName: () => Promise<void>
  /** Called when it is out of the list; makes that durable, and tells where the log begins now. */
  readonly settle: () => Promise<void>
}

interface Leaving {
  readonly segment: Segment
  readonly endOffset: number
  /** Never rejects. */
  readonly decided: Promise<void>
}

/** The segments of one log, by base offset; only the last one is written to. */
export class SegmentList {
  readonly #disk: Disk
  readonly #directory: string
  #segments: Segment[]
  #replacements = 0
  #drops = 0
  #leaving: Leaving | undefined

  /** There is always at least one segment. */
  constructor(disk: Disk, directory: string, segments: readonly Segment[]) {
    assert(segments.length > 0, 'A log has at least one segment.')
    this.#disk = disk
    this.#directory = directory
    this.#segments = [...segments]
  }

  /** How often segments were replaced. */
  get replacements(): number {
    return this.#replacements
  }

  /** The array is replaced, never changed: a reader may hold on to it. */
  get all(): readonly Segment[] {
    return this.#segments
  }

  get active(): Segment {
    return this.#segments[this.#segments.length - 1] as Segment
  }

  get first(): Segment {
    return this.#segments[0] as Segment
  }

  get sizeBytes(): number {
    let sizeBytes = 0
    for (const segment of this.#segments) sizeBytes += segment.sizeBytes
    return sizeBytes
  }

  /** The segment that holds `offset` and those after it; the first one and all when the offset lies before it. */
  from(offset: number): readonly Segment[] {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#segments[middle] as Segment).baseOffset <= offset) low = middle + 1
      else high = middle
    }
    return this.#segments.slice(Math.max(0, low - 1))
  }

  /** The bytes from about where `offset` lies to the end, by the indexes that are in memory. */
  bytesFrom(offset: number): number {
    const [segment, ...later] = this.from(offset)
    if (segment === undefined) return 0
    let sizeBytes = segment.sizeBytes - (segment.indexes?.offsets.floorPosition(offset) ?? 0)
    for (const { sizeBytes: laterBytes } of later) sizeBytes += laterBytes
    return sizeBytes
  }

  /** Begins a new segment at `baseOffset`; the one before is sealed. Its file is made by the first write. */
  roll(baseOffset: number, now: number): Segment {
    const segment = this.next(baseOffset, now)
    this.add(segment)
    return segment
  }

  /** A segment that may follow the active one at `baseOffset`. It is no part of the log before `add`. */
  next(baseOffset: number, now: number): Segment {
    return new Segment(this.#disk, this.#directory, {
      baseOffset,
      sizeBytes: 0,
      createdMs: now,
      isNew: 'yes',
    })
  }

  /** Appends go to this segment from now on; the one before is sealed. */
  add(segment: Segment): void {
    this.active.seal()
    assert(
      segment.baseOffset > this.active.baseOffset,
      'L1: a new segment begins after the one before.',
    )
    this.#segments = [...this.#segments, segment]
  }

  mark(): ListMark {
    return { count: this.#segments.length, active: this.active.mark() }
  }

  /** Takes back what was rolled and written since `mark`. Throws a `DiskError` when even that failed. */
  cutTo(mark: ListMark): void {
    const rolled = this.#segments.slice(mark.count)
    this.#segments = this.#segments.slice(0, mark.count)
    this.active.cutTo(mark.active)
    // A file that stayed would end the log, or tear a hole into it, once the segment before it has grown past its name.
    for (const segment of rolled) segment.discardNow()
  }

  /** Forgets the segments that begin beyond `baseOffset`, whose files are gone. */
  keepUpTo(baseOffset: number): void {
    this.#segments = this.#segments.filter(segment => segment.baseOffset <= baseOffset)
    assert(this.#segments.length > 0, 'A log has at least one segment.')
  }

  /**
   * Takes the oldest segment out of the log. What it holds is there as long as its name may be, and nobody is told that the log begins behind
   * it before that is sure to outlive a crash: who wants to read there waits meanwhile (`leavingBelow`).
   */
  async removeFirst({ takeName, settle }: Departure): Promise<void> {
    const { first } = this
    assert(first !== this.active, 'A log has at least one segment.')
    let decide = (): void => undefined
    const decided = new Promise<void>(resolve => {
      decide = resolve
    })
    const endOffset = (this.#segments[1] as Segment).baseOffset
    this.#leaving = { segment: first, endOffset, decided }
    try {
      await takeName()
      this.#dropFirst()
      await settle()
    } finally {
      this.#leaving = undefined
      decide()
    }
  }

  /** Resolves when it is decided whether the segment that holds `offset` leaves the log; undefined when it stays. */
  leavingBelow(offset: number): Promise<void> | undefined {
    return this.#leaving !== undefined && offset < this.#leaving.endOffset
      ? this.#leaving.decided
      : undefined
  }

  /** Whether the segment belongs to the log, and will in a moment. */
  keeps(segment: Segment): boolean {
    return this.#leaving?.segment !== segment && this.#segments.includes(segment)
  }

  /** Puts one segment in the place of some neighbours, at once for all who look from now on. Never the active one. */
  replace(old: readonly Segment[], cleaned: Segment): void {
    const start = this.#segments.indexOf(old[0] as Segment)
    assert(
      start >= 0 && old.every((segment, index) => this.#segments[start + index] === segment),
      'C6: what is replaced is in the log, side by side.',
    )
    assert(start + old.length < this.#segments.length, 'The active segment is never replaced.')
    this.#segments = this.#segments.toSpliced(start, old.length, cleaned)
    this.#replacements++
    for (const segment of old) segment.markGone()
  }

  /** Does what reads from segments, and does it again when it failed because compaction or retention has taken them out meanwhile. */
  async reading<Result>(read: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const changes = this.#replacements + this.#drops
      try {
        return await read()
      } catch (error) {
        // Its name may be gone already, and its place in the log not yet.
        await this.#leaving?.decided
        if (changes === this.#replacements + this.#drops) throw error
      }
    }
  }

  #dropFirst(): void {
    this.first.markGone()
    this.#segments = this.#segments.slice(1)
    this.#drops++
  }

  /** Syncs the segment that holds `offset` and those after it, the oldest first. */
  async syncFrom(offset: number): Promise<void> {
    for (const segment of this.from(offset)) await segment.sync()
  }

  /** Gives back what segments hold that nobody reads from or writes to. */
  async releaseIdle(): Promise<void> {
    for (const segment of this.#segments) {
      if (segment === this.active) await segment.releaseIdleFile()
      else await segment.releaseIdle()
    }
  }

  async closeFiles(): Promise<void> {
    for (const segment of this.#segments) await segment.closeFile()
  }
}

export interface ListMark {
  readonly count: number
  readonly active: SegmentMark
}
