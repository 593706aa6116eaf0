import { assert } from '../assert.ts'
import type { PendingWrite } from './dirty-log.ts'
import { extentsOf } from './extents.ts'
import type { JournalEntry } from './journal/entry.ts'
import type { LogCaches } from './log-caches.ts'
import { type LogSettings, rollAfterMs } from './log-settings.ts'
import type { LogIdentity } from './log-state.ts'
import type { LogTools } from './log-tools.ts'
import { type PendingBatch, PendingWriter, producersBefore } from './pending-write.ts'
import { type Placement, partsOf, place } from './placement.ts'
import type { ProducerState } from './producer-state.ts'
import type { SegmentLimits } from './segment.ts'
import type { SegmentList } from './segment-list.ts'
import type { Tail } from './tail-cache.ts'

/** What a write of pending batches concerns. */
export interface WriterParts {
  readonly segments: SegmentList
  readonly producers: ProducerState
  readonly caches: LogCaches
  readonly tail: Tail
}

/**
 * Brings the pending batches of one turn into the segments of a log: one write, and a new segment where the active one is full. Says
 * what of it the journal has to keep: every byte of a durable log, nothing of a relaxed one.
 */
export class SegmentWriter {
  readonly #identity: LogIdentity
  readonly #parts: WriterParts
  readonly #tools: Pick<LogTools, 'world' | 'limits'>
  /** This log's share of `segment.jitter.ms`, so that logs made together do not all roll together. */
  readonly #jitterShare: number
  /** The first offset that is neither journaled nor synced: what was written in relaxed mode. */
  #unjournaledFrom: number | undefined

  constructor(
    identity: LogIdentity,
    parts: WriterParts,
    tools: Pick<LogTools, 'world' | 'limits'>,
  ) {
    this.#identity = identity
    this.#parts = parts
    this.#tools = tools
    this.#jitterShare = tools.world.random.below(1024) / 1024
  }

  /**
   * Writes batches that follow each other, at least one. Throws a `DiskError` when that failed: then the segments are as before, and
   * nothing of it counts as written.
   */
  write(pending: readonly PendingBatch[], settings: LogSettings): PendingWrite {
    const writer = this.#writerFor(settings)
    this.#writeOrCut(pending, settings, writer)
    return this.#wrote(pending, settings, writer)
  }

  /** Finds where the first of these batches go when the thread pool writes them. */
  place(pending: readonly PendingBatch[], settings: LogSettings): Placement {
    const now = this.#tools.world.clock.now()
    return place(pending, this.#parts.segments, this.#limitsOf(settings), now)
  }

  /** Writes them there; the segments know nothing of it before `placed`. Rejects with a `DiskError`: then nothing of it stays. */
  async writeTo(placement: Placement): Promise<void> {
    const { segment, isNewSegment } = placement
    try {
      await segment.write(partsOf(placement))
    } catch (error) {
      if (isNewSegment) segment.discardNow()
      throw error
    }
  }

  /** They are written: the segments know of them now. `pending` is all that is, these and what came meanwhile. */
  placed(
    placement: Placement,
    pending: readonly PendingBatch[],
    settings: LogSettings,
  ): PendingWrite {
    const { segments, producers, caches } = this.#parts
    const { segment, batches, isNewSegment } = placement
    assert(batches[0] === pending[0], 'What is written is what is pending for the longest.')
    if (isNewSegment) {
      caches.snapshotAt(segment.baseOffset, producersBefore(producers, pending))
      segments.add(segment)
    }
    assert(segment === segments.active, 'A log is written to at its end.')
    const writer = this.#writerFor(settings)
    for (const batch of batches) writer.add(batch, segment)
    writer.flushed()
    return this.#wrote(batches, settings, writer)
  }

  /** The log is gone: nobody will know of what was written. */
  async forget({ segment, isNewSegment }: Placement): Promise<void> {
    if (isNewSegment) await segment.closeFile()
  }

  #writerFor(settings: LogSettings): PendingWriter {
    const { topicId, partition } = this.#identity
    return new PendingWriter({
      topicId,
      partition,
      indexIntervalBytes: settings.indexIntervalBytes,
      inlineBytesMax: this.#tools.limits.journalInlineBytesMax,
      isJournaled: settings.flushMode === 'durable',
    })
  }

  #wrote(
    batches: readonly PendingBatch[],
    settings: LogSettings,
    { sizeBytes, entries }: PendingWriter,
  ): PendingWrite {
    const first = batches[0] as PendingBatch
    const isDurable = settings.flushMode === 'durable'
    const unjournaled = isDurable ? this.#unjournaledExtents(first) : []
    if (!isDurable) this.#unjournaledFrom ??= first.baseOffset
    this.#keepTail(batches)
    return {
      sizeBytes,
      entries: unjournaled.length === 0 ? entries : [...unjournaled, ...entries],
    }
  }

  /** The segments are synced up to `offset`, and written up to `writtenEnd`. */
  synced(offset: number, writtenEnd: number): void {
    if (this.#unjournaledFrom === undefined || this.#unjournaledFrom > offset) return
    this.#unjournaledFrom = offset < writtenEnd ? offset : undefined
  }

  #writeOrCut(
    pending: readonly PendingBatch[],
    settings: LogSettings,
    writer: PendingWriter,
  ): void {
    const { segments, caches } = this.#parts
    const mark = segments.mark()
    try {
      this.#write(pending, settings, writer)
    } catch (error) {
      caches.forgetBeyond((pending[0] as PendingBatch).baseOffset)
      segments.cutTo(mark)
      throw error
    }
  }

  #write(pending: readonly PendingBatch[], settings: LogSettings, writer: PendingWriter): void {
    const { segments, producers, caches } = this.#parts
    const limits = this.#limitsOf(settings)
    const now = this.#tools.world.clock.now()
    let segment = segments.active
    for (let index = 0; index < pending.length; index++) {
      const batch = pending[index] as PendingBatch
      if (segment.isFullFor(batch, limits, now)) {
        writer.flush()
        caches.snapshotAt(batch.baseOffset, producersBefore(producers, pending.slice(index)))
        segment = segments.roll(batch.baseOffset, now)
      }
      writer.add(batch, segment)
    }
    writer.flush()
  }

  #limitsOf(settings: LogSettings): SegmentLimits {
    const { segmentBytes, segmentJitterMs, segmentIndexBytes, indexIntervalBytes } = settings
    const segmentMs = rollAfterMs(settings)
    const rollMs = segmentMs - Math.min(segmentMs, segmentJitterMs) * this.#jitterShare
    return { segmentBytes, segmentIndexBytes, indexIntervalBytes, rollMs }
  }

  /** A log that turned from relaxed to durable owes the journal what is written and not synced. */
  #unjournaledExtents({ baseOffset: endOffset, leaderEpoch }: PendingBatch): JournalEntry[] {
    const baseOffset = this.#unjournaledFrom ?? endOffset
    this.#unjournaledFrom = undefined
    const { topicId, partition } = this.#identity
    const owner = { topicId, partition, leaderEpoch }
    return extentsOf(this.#parts.segments, owner, { baseOffset, endOffset })
  }

  #keepTail(pending: readonly PendingBatch[]): void {
    for (const { block, start, sizeBytes, baseOffset, lastOffset } of pending) {
      this.#parts.tail.add(block, {
        start,
        end: start + sizeBytes,
        baseOffset,
        endOffset: lastOffset + 1,
      })
    }
  }
}
