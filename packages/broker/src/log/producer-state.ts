import { addToSequence, type ErrorName, type RecordBatch } from '@varve/protocol'
import type { ProducerQuota } from './producer-quota.ts'

/** How many of a producer's newest batches are remembered, to recognise them when they are sent again (as Kafka does). */
export const PRODUCER_BATCHES_MAX = 5
const SEQUENCES = 0x8000_0000
/** Far enough back to judge any resend, and short enough that a gap forward is never taken for one. */
const SEQUENCES_KNOWN_MAX = 0x4000_0000

/** One batch that a producer wrote. */
export interface ProducerBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly timestamp: number
}

/** What the log knows of one producer. A value: an append replaces it. */
export interface ProducerEntry {
  readonly producerId: number
  readonly producerEpoch: number
  /** The newest batches of this epoch, oldest first, at most `PRODUCER_BATCHES_MAX`; empty after a marker that raised the epoch. */
  readonly batches: readonly ProducerBatch[]
  /**
   * How many sequences up to the newest one are known to be in the log without a gap (counted up to 2^30). A resend that
   * lies within them, though its batch is forgotten, is a duplicate; one before them is unknown and must not be called so.
   */
  readonly sequencesKnown: number
  /** The timestamp of the newest batch or marker. */
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** The first offset of the transaction that is open, -1 when none is. */
  readonly transactionFirstOffset: number
  /** The sweep in which this entry was last written to: see `ProducerQuota`. Not part of what the log says. */
  readonly sweep: number
}

/** What a batch is to the producer's state: something new, something that is in the log already, or something wrong. */
export type SequenceCheck =
  | { readonly type: 'next' }
  | { readonly type: 'duplicate'; readonly original: ProducerBatch }
  | {
      readonly type: 'refused'
      readonly error: Exclude<ErrorName, 'NONE'>
      readonly message: string
    }

const NEXT: SequenceCheck = { type: 'next' }

/**
 * Idempotence of one partition (T1, T2): producer id to epoch and newest sequences, a pure function of the log's batches. The
 * same `apply` runs for an append, at recovery and at load.
 */
export class ProducerState {
  readonly #entries = new Map<number, ProducerEntry>()
  readonly #quota: ProducerQuota
  /** Spares the search for open transactions where there never was one. */
  #hadTransactions = false

  constructor(quota: ProducerQuota) {
    this.#quota = quota
  }

  get size(): number {
    return this.#entries.size
  }

  entries(): IterableIterator<ProducerEntry> {
    return this.#entries.values()
  }

  get(producerId: number): ProducerEntry | undefined {
    return this.#entries.get(producerId)
  }

  /**
   * Checks a batch of an idempotent producer, changing nothing. Everything below `committedOffset` is committed: only then may
   * a batch whose place is forgotten be called a duplicate, for that counts as an acknowledgement.
   */
  check(batch: RecordBatch, committedOffset: number): SequenceCheck {
    const producerId = batch.producerId
    const entry = this.#entries.get(producerId)
    if (entry === undefined) {
      if (this.#quota.hasRoom()) return NEXT
      return refused(
        'THROTTLING_QUOTA_EXCEEDED',
        `The broker already remembers as many producer ids as producer.ids.max allows.`,
      )
    }
    const epoch = batch.producerEpoch
    if (epoch < entry.producerEpoch) {
      return refused(
        'INVALID_PRODUCER_EPOCH',
        `Producer ${producerId} comes with epoch ${epoch}, the newest is ${entry.producerEpoch}.`,
      )
    }
    const firstSequence = batch.baseSequence
    if (epoch > entry.producerEpoch) {
      return firstSequence === 0
        ? NEXT
        : outOfOrder(producerId, { expected: 0, found: firstSequence })
    }
    const lastSequence = batch.lastSequence
    for (const original of entry.batches) {
      if (original.firstSequence === firstSequence && original.lastSequence === lastSequence)
        return { type: 'duplicate', original }
    }
    const newest = entry.batches[entry.batches.length - 1]
    const expected = newest === undefined ? 0 : addToSequence(newest.lastSequence, 1)
    if (firstSequence === expected) return NEXT
    return isForgottenDuplicate(batch, entry, committedOffset)
      ? refused(
          'DUPLICATE_SEQUENCE_NUMBER',
          `Producer ${producerId} sent sequence ${firstSequence} again, too late to know its offset.`,
        )
      : outOfOrder(producerId, { expected, found: firstSequence })
  }

  /** Takes a batch of the log into account; returns the entry that it replaced, which `restore` takes back. */
  apply(batch: RecordBatch): ProducerEntry | undefined {
    const producerId = batch.producerId
    const previous = this.#entries.get(producerId)
    const { sweep } = this.#quota
    const next = batch.isControl
      ? afterMarker(previous, batch, sweep)
      : afterBatch(previous, batch, sweep)
    if (previous === undefined) this.#quota.added(1)
    if (batch.isTransactional) this.#hadTransactions = true
    this.#entries.set(producerId, next)
    return previous
  }

  /** Puts back what `apply` replaced. Appends are taken back newest first. */
  restore(producerId: number, previous: ProducerEntry | undefined): void {
    if (previous !== undefined) this.#entries.set(producerId, previous)
    else if (this.#entries.delete(producerId)) this.#quota.removed(1)
  }

  /** Replaces everything by the content of a snapshot. */
  load(entries: Iterable<ProducerEntry>): void {
    this.clear()
    for (const entry of entries) {
      this.#entries.set(entry.producerId, { ...entry, sweep: this.#quota.sweep })
      if (entry.transactionFirstOffset >= 0) this.#hadTransactions = true
    }
    this.#quota.added(this.#entries.size)
  }

  clear(): void {
    this.#quota.removed(this.#entries.size)
    this.#entries.clear()
  }

  /** Forgets producers that wrote nothing for `producer.id.expiration.ms` and have no open transaction. */
  expire(): void {
    for (const entry of this.#entries.values()) {
      if (entry.transactionFirstOffset >= 0 || !this.#quota.isExpired(entry.sweep)) continue
      this.#entries.delete(entry.producerId)
      this.#quota.removed(1)
    }
  }

  /** The first offset of the oldest open transaction; undefined when none is open. */
  firstUnstableOffset(): number | undefined {
    if (!this.#hadTransactions) return undefined
    let first: number | undefined
    for (const { transactionFirstOffset } of this.#entries.values()) {
      if (transactionFirstOffset >= 0 && (first === undefined || transactionFirstOffset < first))
        first = transactionFirstOffset
    }
    return first
  }
}

function afterBatch(
  previous: ProducerEntry | undefined,
  batch: RecordBatch,
  sweep: number,
): ProducerEntry {
  const { producerId, producerEpoch, maxTimestamp, lastOffsetDelta } = batch
  const added: ProducerBatch = {
    firstSequence: batch.baseSequence,
    lastSequence: batch.lastSequence,
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    timestamp: maxTimestamp,
  }
  const continues = previous !== undefined && previous.producerEpoch === producerEpoch
  const kept = continues ? previous.batches : []
  const sequencesKnown = continues ? previous.sequencesKnown : 0
  const wasOpen = previous !== undefined && previous.transactionFirstOffset >= 0
  const openedHere = batch.isTransactional ? batch.baseOffset : -1
  return {
    producerId,
    producerEpoch,
    batches: kept.length < PRODUCER_BATCHES_MAX ? [...kept, added] : [...kept.slice(1), added],
    sequencesKnown: Math.min(sequencesKnown + lastOffsetDelta + 1, SEQUENCES_KNOWN_MAX),
    lastTimestamp: maxTimestamp,
    coordinatorEpoch: previous?.coordinatorEpoch ?? -1,
    transactionFirstOffset: wasOpen ? previous.transactionFirstOffset : openedHere,
    sweep,
  }
}

/** A transaction marker ends the open transaction and may carry a new epoch, which starts at sequence 0. */
function afterMarker(
  previous: ProducerEntry | undefined,
  batch: RecordBatch,
  sweep: number,
): ProducerEntry {
  const continues = previous !== undefined && previous.producerEpoch === batch.producerEpoch
  return {
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    batches: continues ? previous.batches : [],
    sequencesKnown: continues ? previous.sequencesKnown : 0,
    lastTimestamp: batch.maxTimestamp,
    coordinatorEpoch: previous?.coordinatorEpoch ?? -1,
    transactionFirstOffset: -1,
    sweep,
  }
}

/** Whether all sequences of the batch are in the log, committed, though the batch itself is not among the remembered ones. */
function isForgottenDuplicate(
  batch: RecordBatch,
  entry: ProducerEntry,
  committedOffset: number,
): boolean {
  const oldest = entry.batches[0]
  const newest = entry.batches[entry.batches.length - 1]
  if (oldest === undefined || newest === undefined || oldest.baseOffset > committedOffset)
    return false
  const behindOldest = sequenceDistance(oldest.firstSequence, batch.lastSequence)
  const behindNewest = sequenceDistance(newest.lastSequence, batch.baseSequence)
  return behindOldest > 0 && behindNewest < entry.sequencesKnown && behindOldest <= behindNewest
}

/** How many steps lead from `earlier` to `later`, with the wrap from 2147483647 to 0. */
function sequenceDistance(later: number, earlier: number): number {
  return (later - earlier + SEQUENCES) % SEQUENCES
}

function refused(error: Exclude<ErrorName, 'NONE'>, message: string): SequenceCheck {
  return { type: 'refused', error, message }
}

function outOfOrder(
  producerId: number,
  sequence: { expected: number; found: number },
): SequenceCheck {
  return refused(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `Producer ${producerId} sent sequence ${sequence.found}, expected was ${sequence.expected}.`,
  )
}
