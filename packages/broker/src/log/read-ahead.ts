import { DiskError } from '../world.ts'
import { endOffsetOf } from './batch-position.ts'
import type { ReadRange, ReadResult } from './read-result.ts'
import { ReadWindow } from './read-window.ts'

const WINDOW_BYTES = 1024 * 1024
/** How many readers of one log are recognised at once. */
const READERS_MAX = 4
/** How many windows all logs of a broker have together. */
const WINDOWS_MAX = 16

/** All windows of a broker: beyond a number of them the oldest goes. */
export class ReadWindows {
  readonly #windows = new Set<ReadWindow>()

  add(window: ReadWindow): void {
    this.#windows.add(window)
    for (const oldest of this.#windows) {
      if (this.#windows.size <= WINDOWS_MAX) return
      this.drop(oldest)
    }
  }

  drop(window: ReadWindow): void {
    this.#windows.delete(window)
    window.drop()
  }
}

/** What a log's files are read with. */
export interface ReadAheadSource {
  read(range: ReadRange): Promise<ReadResult>
  /** Whether the files are where `offset` is read from. */
  isCold(offset: number): boolean
  /** How often segments were replaced: what was read before belongs to others. */
  readonly replacements: number
}

type Loading = Promise<Loaded | undefined>

interface Loaded {
  readonly window: ReadWindow
  readonly replacements: number
}

/**
 * Reads on behind a reader that goes through the files of a log in order: while it is busy with what it got, the next bytes are read, and
 * many small reads become one. A reader is known by where its last read ended.
 */
export class ReadAhead {
  readonly #source: ReadAheadSource
  readonly #windows: ReadWindows
  /** Where the last reads ended, the newest last. */
  #ends: number[] = []
  /** What comes next for a reader, by the offset that it will ask for. */
  readonly #next = new Map<number, Loading>()
  #isClosed = false

  constructor(source: ReadAheadSource, windows: ReadWindows) {
    this.#source = source
    this.#windows = windows
  }

  /** As the source reads. */
  async read(range: ReadRange): Promise<ReadResult> {
    return (await this.#readWindow(range)) ?? this.#readSource(range)
  }

  close(): void {
    this.#isClosed = true
    for (const offset of [...this.#next.keys()]) this.#forget(offset)
  }

  async #readWindow(range: ReadRange): Promise<ReadResult | undefined> {
    const loading = this.#next.get(range.offset)
    if (loading === undefined) return undefined
    this.#next.delete(range.offset)
    const loaded = await loading
    if (loaded === undefined) return undefined
    const { window, replacements } = loaded
    const isCurrent = replacements === this.#source.replacements && !this.#isClosed
    const read = isCurrent ? window.take(range) : undefined
    if (read === undefined) {
      this.#windows.drop(window)
      return undefined
    }
    if (window.isUsedUp) {
      this.#windows.drop(window)
      this.#startReading(window.nextOffset, range.endOffset)
    } else this.#keep(window.nextOffset, loading)
    return read
  }

  async #readSource(range: ReadRange): Promise<ReadResult> {
    const isNext = this.#ends.includes(range.offset)
    const read = await this.#source.read(range)
    const [bytes] = read.parts
    if (bytes === undefined) return read
    const end = endOffsetOf(bytes)
    this.#ends = [...this.#ends.filter(known => known !== range.offset), end].slice(-READERS_MAX)
    if (isNext) this.#startReading(end, range.endOffset)
    return read
  }

  #startReading(offset: number, endOffset: number): void {
    if (this.#isClosed || offset >= endOffset || !this.#source.isCold(offset)) return
    if (!this.#next.has(offset)) this.#keep(offset, this.#load(offset, endOffset))
  }

  /** Undefined when there is nothing that could be given away: whoever asks for it reads, and hears what is wrong. */
  async #load(offset: number, endOffset: number): Loading {
    const { replacements } = this.#source
    try {
      const range = { offset, endOffset, maxBytes: WINDOW_BYTES, firstBatchWhole: false }
      const window = new ReadWindow(offset, await this.#source.read(range))
      if (this.#isClosed) window.drop()
      else this.#windows.add(window)
      return { window, replacements }
    } catch (error) {
      if (error instanceof DiskError) return undefined
      throw error
    }
  }

  #keep(offset: number, loading: Loading): void {
    this.#next.set(offset, loading)
    const [oldest] = this.#next.keys()
    if (this.#next.size > READERS_MAX && oldest !== undefined) this.#forget(oldest)
  }

  #forget(offset: number): void {
    const loading = this.#next.get(offset)
    this.#next.delete(offset)
    void loading?.then(loaded => {
      if (loaded !== undefined) this.#windows.drop(loaded.window)
    })
  }
}
