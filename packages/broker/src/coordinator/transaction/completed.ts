import { addPartitions } from './add-partitions.ts'
import type { TransactionEvent } from './event.ts'
import { initProducer } from './init-producer.ts'
import { completedTransaction } from './prepare.ts'
import type { TransactionShardState } from './state.ts'
import { isPrepared } from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'
import type { WaitingRequest } from './transaction-requests.ts'
import { joined, resumeWaiting, waitsNoMore } from './waiting.ts'

/** All markers of a transaction are written: it is completed, and who waited for that is next. */
export function completed(
  state: TransactionShardState,
  event: Extract<TransactionEvent, { type: 'markers-written' }>,
  moment: TransactionMoment,
): TransactionDecision {
  const { transactionalId, producerId, producerEpoch } = event
  const transaction = state.transactions.get(transactionalId)
  const isThis =
    transaction !== undefined &&
    isPrepared(transaction) &&
    transaction.producerId === producerId &&
    transaction.producerEpoch === producerEpoch
  if (!isThis) return {}
  return joined(
    { changes: [{ type: 'transaction', transaction: completedTransaction(transaction, moment) }] },
    state.waiting.has(transactionalId) ? resumeWaiting(transactionalId) : {},
  )
}

/** Decides the first of those who wait, and the others after it, unless the transaction is being ended once more. */
export function resume(
  state: TransactionShardState,
  { transactionalId }: Extract<TransactionEvent, { type: 'completion-awaited' }>,
  moment: TransactionMoment,
): TransactionDecision {
  const transaction = state.transactions.get(transactionalId)
  const [first, ...rest] = state.waiting.get(transactionalId) ?? []
  if (first === undefined || (transaction !== undefined && isPrepared(transaction))) return {}
  return joined(
    waitsNoMore(first),
    decide(state, first, moment),
    rest.length > 0 ? resumeWaiting(transactionalId) : {},
  )
}

function decide(
  state: TransactionShardState,
  { type, request }: WaitingRequest,
  moment: TransactionMoment,
): TransactionDecision {
  switch (type) {
    case 'producer':
      return initProducer(state, request, moment)
    case 'partitions':
      return addPartitions(state, request, moment)
  }
}
