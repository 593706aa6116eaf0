import type { TimerChange } from '../runtime/decision.ts'
import type { TransactionEvent } from './event.ts'
import { prepare, preparedTransaction } from './prepare.ts'
import type { TransactionShardState } from './state.ts'
import { NO_EPOCH, NO_PRODUCER_ID, type Transaction, timeoutTimer } from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'

/** Aborts the transaction when its time is over: `transaction.timeout.ms` of its producer after its first partition was added. */
export function timeoutOf(
  transaction: Transaction,
  { nowMs, patientMs }: TransactionMoment,
): TimerChange<TransactionEvent> {
  const { transactionalId, producerId, producerEpoch, startedMs, timeoutMs } = transaction
  // The wall clock may have been set back, or forward.
  const leftMs = Math.min(Math.max(0, startedMs + timeoutMs - nowMs), timeoutMs)
  return {
    set: timeoutTimer(transactionalId),
    atMs: patientMs + leftMs,
    event: { type: 'timed-out', transactionalId, producerId, producerEpoch, startedMs },
  }
}

/** The time of a transaction is over: it is aborted under the next epoch, which fences its producer. */
export function timedOut(
  { transactions }: TransactionShardState,
  event: Extract<TransactionEvent, { type: 'timed-out' }>,
  moment: TransactionMoment,
): TransactionDecision {
  const transaction = transactions.get(event.transactionalId)
  const isThis =
    transaction?.state === 'Ongoing' &&
    transaction.producerId === event.producerId &&
    transaction.producerEpoch === event.producerEpoch &&
    transaction.startedMs === event.startedMs
  if (!isThis) return {}
  // A producer of transactions v2 learns the next epoch when it ends the transaction; one before them was simply too late.
  const isTold = moment.rules.transactionVersion === 2
  return fence(transaction, isTold ? transaction.producerEpoch : NO_EPOCH, moment)
}

/** Aborts a transaction that its producer has not ended, under the next epoch (T6). `lastEpoch` may still ask for the epoch after it (KIP-360). */
export function fence(
  transaction: Transaction,
  lastEpoch: number,
  moment: TransactionMoment,
): TransactionDecision {
  const { transactionVersion: version } = moment.rules
  const fenced = preparedTransaction(
    transaction,
    { result: 'abort', version, epoch: 'next', nextProducerId: NO_PRODUCER_ID },
    moment,
  )
  const decided = prepare(fenced)
  const { transactionalId } = transaction
  return {
    ...decided,
    changes: [
      ...(decided.changes ?? []),
      { type: 'last-epoch', transactionalId, epoch: lastEpoch },
    ],
  }
}
