import { addToSequence, type ErrorName, type RecordBatch } from '@varve/protocol'
import { type AbortedTransaction, markerIn } from './aborted-transaction.ts'
import { OpenTransactions } from './open-transactions.ts'
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
 * Idempotence and transactions of one partition (T1, T2): producer id to epoch, newest sequences and open transaction, a pure function of
 * the log's batches. The same `apply` runs for an append, at recovery and at load.
 */
export class ProducerState {
  readonly #entries = new Map<number, ProducerEntry>()
  readonly #quota: ProducerQuota
  /** Which of the entries have a transaction open, and which ended not long ago. */
  readonly #transactions = new OpenTransactions()

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
    const epochCheck = this.checkEpoch(batch)
    if (entry === undefined || epochCheck.type !== 'next') return epochCheck
    const firstSequence = batch.baseSequence
    if (batch.producerEpoch > entry.producerEpoch) {
      return firstSequence === 0
        ? inTransaction(batch, entry)
        : outOfOrder(producerId, { expected: 0, found: firstSequence })
    }
    const lastSequence = batch.lastSequence
    for (const original of entry.batches) {
      if (original.firstSequence === firstSequence && original.lastSequence === lastSequence)
        return { type: 'duplicate', original }
    }
    const newest = entry.batches[entry.batches.length - 1]
    const expected = newest === undefined ? 0 : addToSequence(newest.lastSequence, 1)
    if (firstSequence === expected) return inTransaction(batch, entry)
    return isForgottenDuplicate(batch, entry, committedOffset)
      ? refused(
          'DUPLICATE_SEQUENCE_NUMBER',
          `Producer ${producerId} sent sequence ${firstSequence} again, too late to know its offset.`,
        )
      : outOfOrder(producerId, { expected, found: firstSequence })
  }

  /** The part of `check` that holds for batches without a sequence, too: what coordinators write. */
  checkEpoch({ producerId, producerEpoch }: RecordBatch): SequenceCheck {
    const entry = this.#entries.get(producerId)
    if (entry === undefined) {
      return this.#quota.hasRoom()
        ? NEXT
        : refused(
            'THROTTLING_QUOTA_EXCEEDED',
            `The broker already remembers as many producer ids as producer.ids.max allows.`,
          )
    }
    return producerEpoch >= entry.producerEpoch
      ? NEXT
      : refused(
          'INVALID_PRODUCER_EPOCH',
          `Producer ${producerId} comes with epoch ${producerEpoch}, the newest is ${entry.producerEpoch}.`,
        )
  }

  /** Takes a batch of the log into account; returns the entry that it replaced, which `restore` takes back. */
  apply(batch: RecordBatch): ProducerEntry | undefined {
    const producerId = batch.producerId
    const previous = this.#entries.get(producerId)
    const { sweep } = this.#quota
    const next = batch.isControl
      ? afterMarker(previous, batch, sweep)
      : afterBatch(previous, batch, sweep)
    // Compaction has emptied the marker: nothing is left of its transaction.
    if (next === undefined) return previous
    if (previous === undefined) this.#quota.added(1)
    this.#entries.set(producerId, next)
    const wasOpen = previous !== undefined && previous.transactionFirstOffset >= 0
    const isOpen = next.transactionFirstOffset >= 0
    if (isOpen && !wasOpen) this.#transactions.begin(producerId, next.transactionFirstOffset)
    if (wasOpen && !isOpen) this.#transactions.end(producerId, batch.lastOffset)
    return previous
  }

  /** Puts back what `apply` replaced. Appends are taken back newest first. */
  restore(producerId: number, previous: ProducerEntry | undefined): void {
    const wasOpen = previous !== undefined && previous.transactionFirstOffset >= 0
    const isOpen = (this.#entries.get(producerId)?.transactionFirstOffset ?? -1) >= 0
    if (isOpen && !wasOpen) this.#transactions.undoBegin(producerId)
    if (wasOpen && !isOpen) this.#transactions.undoEnd(producerId, previous.transactionFirstOffset)
    if (previous !== undefined) this.#entries.set(producerId, previous)
    else if (this.#entries.delete(producerId)) this.#quota.removed(1)
  }

  /** Replaces everything by the content of a snapshot. */
  load(entries: Iterable<ProducerEntry>): void {
    this.clear()
    for (const entry of entries)
      this.#entries.set(entry.producerId, { ...entry, sweep: this.#quota.sweep })
    const open = [...this.#entries.values()].filter(entry => entry.transactionFirstOffset >= 0)
    open.sort((one, other) => one.transactionFirstOffset - other.transactionFirstOffset)
    for (const { producerId, transactionFirstOffset } of open)
      this.#transactions.begin(producerId, transactionFirstOffset)
    this.#quota.added(this.#entries.size)
  }

  clear(): void {
    this.#quota.removed(this.#entries.size)
    this.#entries.clear()
    this.#transactions.clear()
  }

  /** Forgets producers that wrote nothing for `producer.id.expiration.ms` and have no open transaction. */
  expire(): void {
    for (const entry of this.#entries.values()) {
      if (entry.transactionFirstOffset >= 0 || !this.#quota.isExpired(entry.sweep)) continue
      this.#entries.delete(entry.producerId)
      this.#quota.removed(1)
    }
  }

  /** Transactions that ended below `offset` are over for readers, too. */
  committedUpTo(offset: number): void {
    this.#transactions.committedUpTo(offset)
  }

  /** The first offset of the oldest transaction without a marker; undefined when none is open. */
  firstOpenOffset(): number | undefined {
    return this.#transactions.firstOpenOffset
  }

  /** The same, where a transaction counts as open until its marker is committed: what is decided may still be lost. */
  firstUnstableOffset(): number | undefined {
    return this.#transactions.firstUnstableOffset
  }
}

/** The transaction that a batch of the log has aborted, if it is a marker that does; `previous` is what `apply` has just returned for it. */
export function abortedBy(
  batch: RecordBatch,
  previous: ProducerEntry | undefined,
  producers: ProducerState,
): AbortedTransaction | undefined {
  if (!batch.isControl || previous === undefined || previous.transactionFirstOffset < 0)
    return undefined
  if (markerIn(batch)?.type !== 'ABORT') return undefined
  const { producerId, lastOffset } = batch
  return {
    producerId,
    firstOffset: previous.transactionFirstOffset,
    lastOffset,
    lastStableOffset: producers.firstOpenOffset() ?? lastOffset + 1,
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
  // What a coordinator writes in a transaction has no sequence, and is never sent again.
  const hasSequence = batch.baseSequence >= 0
  return {
    producerId,
    producerEpoch,
    batches: hasSequence ? [...kept.slice(1 - PRODUCER_BATCHES_MAX), added] : kept,
    sequencesKnown: hasSequence
      ? Math.min(sequencesKnown + lastOffsetDelta + 1, SEQUENCES_KNOWN_MAX)
      : sequencesKnown,
    lastTimestamp: maxTimestamp,
    coordinatorEpoch: previous?.coordinatorEpoch ?? -1,
    transactionFirstOffset: wasOpen ? previous.transactionFirstOffset : openedHere,
    sweep,
  }
}

/**
 * A transaction marker ends the open transaction and may carry a new epoch, which starts at sequence 0. Undefined when the batch holds no
 * marker any more.
 */
function afterMarker(
  previous: ProducerEntry | undefined,
  batch: RecordBatch,
  sweep: number,
): ProducerEntry | undefined {
  const marker = markerIn(batch)
  if (marker === undefined) return undefined
  const continues = previous !== undefined && previous.producerEpoch === batch.producerEpoch
  return {
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    batches: continues ? previous.batches : [],
    sequencesKnown: continues ? previous.sequencesKnown : 0,
    lastTimestamp: batch.maxTimestamp,
    coordinatorEpoch: marker.coordinatorEpoch,
    transactionFirstOffset: -1,
    sweep,
  }
}

/** What is in sequence is next, unless it would slip into an open transaction that it is no part of. */
function inTransaction(batch: RecordBatch, entry: ProducerEntry): SequenceCheck {
  return batch.isTransactional || entry.transactionFirstOffset < 0
    ? NEXT
    : refused(
        'INVALID_TXN_STATE',
        `Producer ${batch.producerId} has a transaction open, and the record batch is no part of it.`,
      )
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
