import type { ErrorName } from '@varve/protocol'
import { answer } from '../runtime/decision.ts'
import { producerAfter } from './prepare.ts'
import type { TransactionShardState } from './state.ts'
import { timeoutOf } from './timeout.ts'
import {
  hasAll,
  hasPartition,
  isPrepared,
  type Transaction,
  withPartitions,
} from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'
import { recordBytesAtMost } from './transaction-record.ts'
import type { PartitionsRequest, ProducerAndEpoch, VerifyRequest } from './transaction-requests.ts'
import { following } from './transaction-states.ts'
import { waitForCompletion } from './waiting.ts'

/** Adds partitions to the transaction of a producer, and begins one if none is open. */
export function addPartitions(
  state: TransactionShardState,
  request: PartitionsRequest,
  moment: TransactionMoment,
): TransactionDecision {
  const { transactionalId, partitions, ticket } = request
  const transaction = state.transactions.get(transactionalId)
  const error = ownershipError(transaction, request)
  if (transaction === undefined || error !== undefined)
    return { answers: [answer<ErrorName>(ticket, error ?? 'INVALID_PRODUCER_ID_MAPPING')] }
  if (isPrepared(transaction))
    return waitForCompletion(state, { type: 'partitions', request }, moment)
  const isOpen = transaction.state === 'Ongoing'
  const answers = [answer<ErrorName>(ticket, 'NONE')]
  if (isOpen && hasAll(transaction.partitions, partitions)) return { answers }
  const ongoing: Transaction = {
    ...transaction,
    state: following(transaction.state, 'Ongoing'),
    partitions: withPartitions(transaction.partitions, partitions),
    startedMs: isOpen ? transaction.startedMs : moment.nowMs,
    updatedMs: moment.nowMs,
  }
  // What can be begun can be ended: the records to come are hardly larger.
  if (recordBytesAtMost(ongoing) > moment.rules.maxRecordBytes)
    return { answers: [answer<ErrorName>(ticket, 'UNKNOWN_SERVER_ERROR')] }
  return {
    changes: [{ type: 'transaction', transaction: ongoing }],
    timers: isOpen ? [] : [timeoutOf(ongoing, moment)],
    answers,
  }
}

/** Says which of the partitions are in the open transaction of the producer, and changes nothing (KIP-890). */
export function verifyPartitions(
  { transactions }: TransactionShardState,
  request: VerifyRequest,
): TransactionDecision {
  const transaction = transactions.get(request.transactionalId)
  const refusal = ownershipError(transaction, request)
  const errors = request.partitions.map(({ topic, partition }): ErrorName => {
    if (transaction === undefined || refusal !== undefined)
      return refusal ?? 'INVALID_PRODUCER_ID_MAPPING'
    if (isPrepared(transaction)) return 'CONCURRENT_TRANSACTIONS'
    return hasPartition(transaction.partitions, topic, partition) ? 'NONE' : 'TRANSACTION_ABORTABLE'
  })
  return { answers: [answer<readonly ErrorName[]>(request.ticket, errors)] }
}

/** What is wrong with a producer that wants to go on with its transactions; undefined when it is the one to whom the id belongs. */
function ownershipError(
  transaction: Transaction | undefined,
  { producerId, producerEpoch }: ProducerAndEpoch,
): ErrorName | undefined {
  if (transaction === undefined) return 'INVALID_PRODUCER_ID_MAPPING'
  const owner = producerAfter(transaction)
  if (owner.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING'
  return owner.producerEpoch === producerEpoch ? undefined : 'PRODUCER_FENCED'
}
