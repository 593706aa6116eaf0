import type { MarkerErrand } from './errand.ts'
import {
  isPrepared,
  LARGEST_EPOCH,
  NO_PRODUCER_ID,
  type Transaction,
  type TransactionResult,
  type TransactionVersion,
  timeoutTimer,
} from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'
import { following, type TransactionState } from './transaction-states.ts'

export interface Ending {
  readonly result: TransactionResult
  readonly version: TransactionVersion
  /** `next`: whoever has the present epoch is fenced, or gets the next one with the answer. */
  readonly epoch: 'same' | 'next'
  /** The id for the time after this transaction; -1 when the producer keeps its id. */
  readonly nextProducerId: number
}

/** What becomes of a transaction whose end is decided. */
export function preparedTransaction(
  transaction: Transaction,
  ending: Ending,
  { nowMs }: TransactionMoment,
): Transaction {
  const { state, startedMs, producerEpoch } = transaction
  const prepared: TransactionState = ending.result === 'commit' ? 'PrepareCommit' : 'PrepareAbort'
  return {
    ...transaction,
    state: following(state, prepared),
    // An abort of nothing has begun when it was asked for.
    startedMs: state === 'Ongoing' ? startedMs : nowMs,
    updatedMs: nowMs,
    producerEpoch:
      ending.epoch === 'same' ? producerEpoch : Math.min(producerEpoch + 1, LARGEST_EPOCH),
    nextProducerId: ending.nextProducerId,
    clientVersion: ending.version,
  }
}

/** Writes the end of a transaction down; from then on it cannot end otherwise, and its markers follow (T5). */
export function prepare(prepared: Transaction): TransactionDecision {
  return {
    changes: [{ type: 'transaction', transaction: prepared }],
    timers: [{ cancel: timeoutTimer(prepared.transactionalId) }],
    errands: [markersOf(prepared)],
  }
}

/** The markers that a prepared transaction needs. */
export function markersOf(prepared: Transaction): MarkerErrand {
  const { transactionalId, producerId, producerEpoch, clientVersion, partitions } = prepared
  return {
    ...{ transactionalId, producerId, producerEpoch, partitions },
    result: prepared.state === 'PrepareCommit' ? 'commit' : 'abort',
    transactionVersion: clientVersion,
  }
}

/** What becomes of a prepared transaction when all its markers are written. */
export function completedTransaction(
  prepared: Transaction,
  { nowMs }: TransactionMoment,
): Transaction {
  const { state, producerId, nextProducerId } = prepared
  const completed = state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort'
  const goesOn = {
    ...prepared,
    state: following(state, completed),
    partitions: new Map(),
    updatedMs: nowMs,
  }
  if (nextProducerId === NO_PRODUCER_ID) return goesOn
  return {
    ...goesOn,
    producerId: nextProducerId,
    producerEpoch: 0,
    previousProducerId: producerId,
    nextProducerId: NO_PRODUCER_ID,
  }
}

/** The id and epoch that the producer has after the transaction. */
export function producerAfter(prepared: Transaction): {
  readonly producerId: number
  readonly producerEpoch: number
} {
  const { producerId, producerEpoch, nextProducerId } = prepared
  return isPrepared(prepared) && nextProducerId !== NO_PRODUCER_ID
    ? { producerId: nextProducerId, producerEpoch: 0 }
    : { producerId, producerEpoch }
}
