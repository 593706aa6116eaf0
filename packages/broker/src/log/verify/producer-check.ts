/** Holds producer snapshots and indexes of aborted transactions against what a replay of the log says (T2). */
import type { RecordBatch } from '@varve/protocol'
import type { AbortedTransaction } from '../aborted-transaction.ts'
import { ProducerQuota } from '../producer-quota.ts'
import {
  abortedBy,
  type ProducerBatch,
  type ProducerEntry,
  ProducerState,
} from '../producer-state.ts'

/** How much of the past the replay knows. */
export interface ReplayStart {
  /** What the snapshot says where the log begins. */
  readonly entries: readonly ProducerEntry[]
  /** `whole`: nothing was before, or the snapshot tells it. `part`: there were records that nobody knows any more. */
  readonly past: 'whole' | 'part'
  /** Below this offset compaction may have taken records and markers. */
  readonly cleanedTo: number
}

/** The last batches of each producer, by its id. */
export type KnownBatches = ReadonlyMap<number, { readonly batches: readonly ProducerBatch[] }>

export class ProducerCheck {
  readonly #producers = new ProducerState(
    new ProducerQuota({
      idsMax: Number.MAX_SAFE_INTEGER,
      expirationMs: Number.MAX_SAFE_INTEGER,
      sweepIntervalMs: 1,
    }),
  )
  readonly #start: ReplayStart
  #aborted: AbortedTransaction[] = []

  constructor(start: ReplayStart) {
    this.#start = start
    this.#producers.load(start.entries)
  }

  pass(batch: RecordBatch): void {
    if (!batch.hasProducer) return
    const aborted = abortedBy(batch, this.#producers.apply(batch), this.#producers)
    if (aborted !== undefined) this.#aborted.push(aborted)
    this.#producers.committedUpTo(batch.lastOffset + 1)
  }

  /** What is wrong with the aborted transactions of the segment that was just walked over, by its index; the next segment begins. */
  endSegment(baseOffset: number, found: readonly AbortedTransaction[]): string | undefined {
    const expected = this.#aborted
    this.#aborted = []
    // Of what was cleaned only markers may be left, and an index without them.
    if (baseOffset < this.#start.cleanedTo || this.#start.past === 'part') return undefined
    for (let at = 0; at < Math.max(expected.length, found.length); at++) {
      const wrong = abortedFlaw(expected[at], found[at])
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  /** What is wrong with a snapshot that was taken where the replay stands. Producers that it has forgotten may have expired. */
  snapshotFlaw(found: readonly ProducerEntry[]): string | undefined {
    const known = new Set(found.map(({ producerId }) => producerId))
    for (const { producerId, transactionFirstOffset } of this.#producers.entries()) {
      if (transactionFirstOffset >= 0 && !known.has(producerId))
        return `It does not know that producer ${producerId} has a transaction open since offset ${transactionFirstOffset}.`
    }
    for (const entry of found) {
      const flaw = this.#entryFlaw(entry)
      if (flaw !== undefined) return flaw
    }
    return undefined
  }

  /** What is wrong with the last batches of producers (ADR 7), where the replay stands. Fewer than there were are no flaw: the broker may have known no more. */
  sequencesFlaw(found: KnownBatches): string | undefined {
    for (const [producerId, { batches }] of found) {
      const replayed = this.#producers.get(producerId)?.batches
      const flaw = replayed && this.#batchesFlaw(producerId, batches, replayed)
      if (flaw !== undefined) return flaw
    }
    return undefined
  }

  #batchesFlaw(
    producerId: number,
    found: readonly ProducerBatch[],
    replayed: readonly ProducerBatch[],
  ): string | undefined {
    const { past, cleanedTo } = this.#start
    const oldest = found[0]?.baseOffset ?? Number.POSITIVE_INFINITY
    const wrong = replayed.find(
      batch => batch.baseOffset >= oldest && !found.some(each => isSame(each, batch)),
    )
    if (wrong !== undefined)
      return `It does not know the record batch of producer ${producerId} at offset ${wrong.baseOffset} with the sequences ${wrong.firstSequence} to ${wrong.lastSequence}.`
    // Of what was cleaned only a producer's last batch is sure to be left.
    if (past === 'part' || cleanedTo > 0) return undefined
    const strange = found.find(batch => !replayed.some(each => isSame(each, batch)))
    return strange === undefined
      ? undefined
      : `It knows a record batch of producer ${producerId} at offset ${strange.baseOffset} with the sequences ${strange.firstSequence} to ${strange.lastSequence}; the log does not.`
  }

  #entryFlaw(found: ProducerEntry): string | undefined {
    const { past, cleanedTo } = this.#start
    const { producerId } = found
    const replayed = this.#producers.get(producerId)
    const isKnown = past === 'whole' && cleanedTo === 0
    if (replayed === undefined)
      return isKnown ? `It knows producer ${producerId}, the log does not.` : undefined
    const says = (what: string, inFile: number, inLog: number): string =>
      `It says of producer ${producerId} that ${what} is ${inFile}; by the log it is ${inLog}.`
    if (found.producerEpoch !== replayed.producerEpoch && isKnown)
      return says('its epoch', found.producerEpoch, replayed.producerEpoch)
    if (found.transactionFirstOffset !== replayed.transactionFirstOffset && past === 'whole')
      return says(
        'the first offset of its transaction',
        found.transactionFirstOffset,
        replayed.transactionFirstOffset,
      )
    const inFile = found.batches.at(-1)
    const inLog = replayed.batches.at(-1)
    if (inLog === undefined || (inFile === undefined && !isKnown)) return undefined
    if (inFile?.lastOffset !== inLog.lastOffset)
      return says('its last offset', inFile?.lastOffset ?? -1, inLog.lastOffset)
    return inFile.lastSequence === inLog.lastSequence
      ? undefined
      : says('its last sequence', inFile.lastSequence, inLog.lastSequence)
  }
}

function abortedFlaw(
  expected: AbortedTransaction | undefined,
  found: AbortedTransaction | undefined,
): string | undefined {
  if (expected === undefined)
    return `It names a transaction of producer ${found?.producerId} that was not aborted at offset ${found?.lastOffset}.`
  if (found === undefined || found.lastOffset !== expected.lastOffset)
    return `It does not name the transaction of producer ${expected.producerId} that was aborted at offset ${expected.lastOffset}.`
  const isSame =
    found.producerId === expected.producerId &&
    found.firstOffset === expected.firstOffset &&
    found.lastStableOffset === expected.lastStableOffset
  return isSame
    ? undefined
    : `What it says of the transaction that was aborted at offset ${expected.lastOffset} is not what the log says.`
}

function isSame(one: ProducerBatch, other: ProducerBatch): boolean {
  return (
    one.baseOffset === other.baseOffset &&
    one.lastOffset === other.lastOffset &&
    one.firstSequence === other.firstSequence &&
    one.lastSequence === other.lastSequence
  )
}
