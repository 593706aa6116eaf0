import { CorruptRecordsError } from '@varve/protocol'
import { DiskError } from '../world.ts'
import { coldRead } from './cold-read.ts'
import type { LoadTools } from './log-tools.ts'
import { ReadAhead } from './read-ahead.ts'
import { NOTHING_READ, type ReadRange, type ReadResult } from './read-result.ts'
import type { SegmentList } from './segment-list.ts'
import type { Tail } from './tail-cache.ts'

/** The ends of a log as they are when somebody asks. */
export interface LogEnds {
  readonly logStartOffset: number
  /** Everything below was written to a segment, and can be read. */
  readonly writtenEnd: number
}

/** Where a log is read from: the newest bytes out of the tail cache, older ones out of the segments. */
export class LogReader {
  readonly #directory: string
  readonly #segments: SegmentList
  readonly #tail: Tail
  readonly #tools: Pick<LoadTools, 'world' | 'readBuffers'>
  readonly #ends: LogEnds
  /** Most logs are read at their tail only. */
  #ahead: ReadAhead | undefined

  /** `ends` is asked at every read, and again after the disk was waited for. */
  constructor(
    directory: string,
    from: { readonly segments: SegmentList; readonly tail: Tail; readonly ends: LogEnds },
    tools: Pick<LoadTools, 'world' | 'readBuffers'>,
  ) {
    this.#directory = directory
    this.#segments = from.segments
    this.#tail = from.tail
    this.#ends = from.ends
    this.#tools = tools
  }

  /**
   * Whole batches from the one that holds `range.offset` on: at once when the tail cache has them, else from the disk. Nothing when
   * the offset is not in the log any more. Rejects with a `DiskError` when the log cannot be read.
   */
  read(range: ReadRange): ReadResult | Promise<ReadResult> {
    const endOffset = Math.min(range.endOffset, this.#ends.writtenEnd)
    if (range.offset < this.#ends.logStartOffset || range.offset >= endOffset) return NOTHING_READ
    const bounded = { ...range, endOffset }
    return this.#tail.read(bounded) ?? this.#readAhead().read(bounded)
  }

  /** About how many bytes lie between the offsets; 0 exactly when there is nothing. */
  bytesBetween(offset: number, endOffset: number): number {
    if (offset >= endOffset || endOffset <= this.#ends.logStartOffset) return 0
    return (
      this.#tail.bytesBetween(offset, endOffset) ?? Math.max(1, this.#segments.bytesFrom(offset))
    )
  }

  /** Lets go of what was read before it was asked for. */
  close(): void {
    this.#ahead?.close()
  }

  #readAhead(): ReadAhead {
    const segments = this.#segments
    this.#ahead ??= new ReadAhead(
      {
        read: range => this.#readCold(range),
        isCold: offset => offset < (this.#tail.startOffset ?? Number.POSITIVE_INFINITY),
        get replacements() {
          return segments.replacements
        },
      },
      this.#tools.readBuffers.windows,
    )
    return this.#ahead
  }

  async #readCold(range: ReadRange): Promise<ReadResult> {
    try {
      return await this.#segments.reading(() => this.#readSegments(range))
    } catch (error) {
      // Retention or DeleteRecords may have taken the segment away meanwhile.
      if (range.offset < this.#ends.logStartOffset) return NOTHING_READ
      throw error instanceof CorruptRecordsError ? this.#damaged(error) : error
    }
  }

  async #readSegments(range: ReadRange): Promise<ReadResult> {
    if (range.offset < this.#ends.logStartOffset) return NOTHING_READ
    for (const segment of this.#segments.from(range.offset)) {
      const read = await coldRead(segment, range, this.#tools.readBuffers)
      if (read !== undefined) return read
    }
    return NOTHING_READ
  }

  #damaged(error: CorruptRecordsError): DiskError {
    this.#tools.world.log.error('A log could not be read.', {
      path: this.#directory,
      reason: error.message,
    })
    return new DiskError('read', this.#directory, 'EBADMSG', error)
  }
}
