/** Holds producer snapshots and indexes of aborted transactions against what a replay of the log says (T2). */
import type { RecordBatch } from '@varve/protocol'
import type { AbortedTransaction } from '../aborted-transaction.ts'
import { ProducerQuota } from '../producer-quota.ts'
import { abortedBy, type ProducerEntry, ProducerState } from '../producer-state.ts'

/** How much of the past the replay knows. */
export interface ReplayStart {
  /** What the snapshot says where the log begins. */
  readonly entries: readonly ProducerEntry[]
  /** `whole`: nothing was before, or the snapshot tells it. `part`: there were records that nobody knows any more. */
  readonly past: 'whole' | 'part'
  /** Below this offset compaction may have taken records and markers. */
  readonly cleanedTo: number
}

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
