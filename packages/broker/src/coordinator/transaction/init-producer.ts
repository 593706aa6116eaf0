import { answer } from '../runtime/decision.ts'
import { producerAfter } from './prepare.ts'
import type { TransactionShardState } from './state.ts'
import { fence } from './timeout.ts'
import {
  isExhausted,
  isPrepared,
  NO_EPOCH,
  NO_PRODUCER_ID,
  type Transaction,
} from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'
import type { ProducerAnswer, ProducerRequest } from './transaction-requests.ts'
import { following } from './transaction-states.ts'
import { joined, waitForCompletion } from './waiting.ts'

/**
 * Gives a producer the id and epoch with which it begins: whoever had the epoch before is fenced, and an open transaction is aborted (T6). A
 * producer that says what it goes by (KIP-360) gets the next epoch only if nobody else has had one since.
 */
export function initProducer(
  state: TransactionShardState,
  request: ProducerRequest,
  moment: TransactionMoment,
): TransactionDecision {
  const { timeoutMs, transactionalId } = request
  if (timeoutMs <= 0 || timeoutMs > moment.rules.maxTimeoutMs)
    return refused(request, 'INVALID_TRANSACTION_TIMEOUT')
  const transaction = state.transactions.get(transactionalId)
  if (transaction === undefined) return begin(request, undefined, moment)
  const lastEpoch = state.lastEpochs.get(transactionalId) ?? NO_EPOCH
  const asks = whoAsks(request, transaction, lastEpoch)
  const isLate = asks === 'retry' && transaction.state === 'Ongoing'
  // A retry that comes when the producer has begun with what it was given is a stray copy.
  if (asks === 'stranger' || isLate) return refused(request, 'PRODUCER_FENCED')
  const waiting = { type: 'producer', request } as const
  if (isPrepared(transaction)) return waitForCompletion(state, waiting, moment)
  if (transaction.state === 'Ongoing') {
    // The epoch of the abort is nobody's: who asked gets it, or the one after it.
    const last = asks === 'owner' ? transaction.producerEpoch : NO_EPOCH
    return joined(fence(transaction, last, moment), waitForCompletion(state, waiting, moment))
  }
  if (isExhausted(transaction.producerEpoch)) return begin(request, transaction, moment)
  // What it asked for was given, and the answer did not reach it: nobody else has had an epoch since.
  if (asks === 'retry') return given(request, transaction, lastEpoch, moment)
  const { producerEpoch } = transaction
  const bumped = { ...transaction, producerEpoch: producerEpoch + 1 }
  return given(request, bumped, asks === 'owner' ? producerEpoch : NO_EPOCH, moment)
}

/**
 * A `successor` has just started; the `owner` goes by the present epoch; a `retry` goes by the one before, and did not hear of the present
 * one; a `stranger` was fenced.
 */
function whoAsks(
  { current }: ProducerRequest,
  transaction: Transaction,
  lastEpoch: number,
): 'successor' | 'owner' | 'retry' | 'stranger' {
  if (current === undefined) return 'successor'
  const { producerId, previousProducerId } = transaction
  const owner = producerAfter(transaction)
  if (current.producerId === owner.producerId && current.producerEpoch === owner.producerEpoch)
    return 'owner'
  const hadThis = current.producerId === producerId
  const hadLast = current.producerId === previousProducerId && isExhausted(current.producerEpoch)
  return (hadThis || hadLast) && current.producerEpoch === lastEpoch ? 'retry' : 'stranger'
}

/** With a new producer id: for a new transactional id, or one whose epochs are used up (T10). */
function begin(
  request: ProducerRequest,
  before: Transaction | undefined,
  moment: TransactionMoment,
): TransactionDecision {
  const { freshProducerId, transactionalId, timeoutMs, current, ticket } = request
  if (freshProducerId === undefined)
    return { answers: [answer<ProducerAnswer>(ticket, 'needs producer id')] }
  const transaction: Transaction = {
    transactionalId,
    timeoutMs,
    producerId: freshProducerId,
    previousProducerId: before?.producerId ?? NO_PRODUCER_ID,
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: 0,
    state: before?.state ?? 'Empty',
    partitions: new Map(),
    updatedMs: moment.nowMs,
    startedMs: -1,
    clientVersion: before?.clientVersion ?? 0,
  }
  const lastEpoch = before !== undefined && current !== undefined ? current.producerEpoch : NO_EPOCH
  return given(request, transaction, lastEpoch, moment)
}

function given(
  { ticket, timeoutMs, transactionalId }: ProducerRequest,
  transaction: Transaction,
  lastEpoch: number,
  { nowMs }: TransactionMoment,
): TransactionDecision {
  const { producerId, producerEpoch } = transaction
  const empty: Transaction = {
    ...transaction,
    timeoutMs,
    state: following(transaction.state, 'Empty'),
    partitions: new Map(),
    startedMs: -1,
    updatedMs: nowMs,
  }
  return {
    changes: [
      { type: 'transaction', transaction: empty },
      { type: 'last-epoch', transactionalId, epoch: lastEpoch },
    ],
    answers: [answer<ProducerAnswer>(ticket, { error: 'NONE', producerId, producerEpoch })],
  }
}

function refused(
  { ticket }: ProducerRequest,
  error: 'INVALID_TRANSACTION_TIMEOUT' | 'PRODUCER_FENCED',
): TransactionDecision {
  const none = { producerId: NO_PRODUCER_ID, producerEpoch: NO_EPOCH }
  return { answers: [answer<ProducerAnswer>(ticket, { error, ...none })] }
}
