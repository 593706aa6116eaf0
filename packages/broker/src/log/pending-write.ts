import type { JournalEntry } from './journal/entry.ts'
import { Parts } from './parts.ts'
import type { ProducerEntry, ProducerState } from './producer-state.ts'
import type { Segment, SegmentBatch } from './segment.ts'
import type { TailBlock } from './tail-block.ts'

/** A batch that was appended in this turn of the event loop and is not written yet. */
export interface PendingBatch extends SegmentBatch {
  readonly leaderEpoch: number
  readonly block: TailBlock
  /** Where the batch begins in its block. */
  readonly start: number
  /** -1 for none. */
  readonly producerId: number
  /** What the producer's state was before this batch. */
  readonly previousProducer: ProducerEntry | undefined
}

/** Batches whose bytes lie side by side in a segment and go to the journal as one entry. */
interface Group {
  readonly segment: Segment
  readonly type: JournalEntry['type']
  readonly leaderEpoch: number
  readonly baseOffset: number
  readonly position: number
  readonly parts: Parts
  endOffset: number
}

/** Gathers the pending batches of one turn: one write per segment, and the journal entries for them. */
export class PendingWriter {
  readonly #options: PendingWriterOptions
  readonly entries: JournalEntry[] = []
  sizeBytes = 0
  /** What is entered into the segment but not written. */
  #groups: Group[] = []

  constructor(options: PendingWriterOptions) {
    this.#options = options
  }

  add(batch: PendingBatch, segment: Segment): void {
    const position = segment.enter(batch, this.#options.indexIntervalBytes)
    const type = batch.sizeBytes >= this.#options.inlineBytesMax ? 'extent' : 'bytes'
    let group = this.#groups.at(-1)
    if (group === undefined || group.type !== type || group.leaderEpoch !== batch.leaderEpoch) {
      const { leaderEpoch, baseOffset, lastOffset } = batch
      group = {
        segment,
        type,
        leaderEpoch,
        baseOffset,
        position,
        parts: new Parts(),
        endOffset: lastOffset + 1,
      }
      this.#groups.push(group)
    }
    group.parts.add(batch.block.buffer, batch.start, batch.start + batch.sizeBytes)
    group.endOffset = batch.lastOffset + 1
  }

  /** Writes what was added since the last call to its segment. Throws a `DiskError`. */
  flush(): void {
    const groups = this.#groups
    const first = groups[0]
    if (first === undefined) return
    for (const group of groups) group.parts.finish()
    first.segment.writeNow(
      groups.length === 1 ? first.parts.list : groups.flatMap(group => group.parts.list),
    )
    this.#note()
  }

  /** What was added since the last call is in its segment already. */
  flushed(): void {
    for (const group of this.#groups) group.parts.finish()
    this.#note()
  }

  #note(): void {
    const groups = this.#groups
    this.#groups = []
    for (const group of groups) {
      this.sizeBytes += group.parts.sizeBytes
      if (this.#options.isJournaled) this.entries.push(this.#entryOf(group))
    }
  }

  /** Written out field by field: putting the objects together from parts took a tenth of a durable append over many partitions. */
  #entryOf(group: Group): JournalEntry {
    const { topicId, partition } = this.#options
    const { segment, leaderEpoch, baseOffset, endOffset } = group
    const segmentBaseOffset = segment.baseOffset
    const segmentPosition = group.position
    return group.type === 'bytes'
      ? {
          type: 'bytes',
          topicId,
          partition,
          leaderEpoch,
          baseOffset,
          endOffset,
          segmentBaseOffset,
          segmentPosition,
          parts: group.parts.list,
        }
      : {
          type: 'extent',
          topicId,
          partition,
          leaderEpoch,
          baseOffset,
          endOffset,
          segmentBaseOffset,
          segmentPosition,
          sizeBytes: group.parts.sizeBytes,
          segment,
        }
  }
}

export interface PendingWriterOptions {
  readonly topicId: string
  readonly partition: number
  readonly indexIntervalBytes: number
  /** From this size a batch is an extent: its segment is synced instead of its bytes being copied. */
  readonly inlineBytesMax: number
  readonly isJournaled: boolean
}

/** The producer state as it was before these batches, though they are applied already. */
export function producersBefore(
  producers: ProducerState,
  applied: readonly PendingBatch[],
): ProducerEntry[] {
  const before = new Map<number, ProducerEntry | undefined>()
  for (const { producerId, previousProducer } of applied.toReversed()) {
    if (producerId >= 0) before.set(producerId, previousProducer)
  }
  const entries: ProducerEntry[] = []
  for (const entry of producers.entries()) {
    const known = before.has(entry.producerId) ? before.get(entry.producerId) : entry
    if (known !== undefined) entries.push(known)
  }
  return entries
}
