import type { ErrorName } from '@varve/protocol'
import { answer } from '../runtime/decision.ts'
import { prepare, preparedTransaction, producerAfter } from './prepare.ts'
import type { TransactionShardState } from './state.ts'
import {
  isExhausted,
  LARGEST_EPOCH,
  NO_EPOCH,
  NO_PRODUCER_ID,
  type Transaction,
} from './transaction.ts'
import type { TransactionDecision, TransactionMoment } from './transaction-logic.ts'
import type { EndRequest, ProducerAnswer } from './transaction-requests.ts'
import { following } from './transaction-states.ts'
import { joined } from './waiting.ts'

/** Commits or aborts the open transaction of a producer. The same request again finds it done. */
export function endTransaction(
  state: TransactionShardState,
  request: EndRequest,
  moment: TransactionMoment,
): TransactionDecision {
  const transaction = state.transactions.get(request.transactionalId)
  if (transaction === undefined) return refused(request, 'INVALID_PRODUCER_ID_MAPPING')
  return request.clientVersion === 2
    ? endWithNewEpoch(transaction, request, moment)
    : endWithSameEpoch(transaction, request, moment)
}

/** Before KIP-890: epochs say which producer it is, and not which of its transactions. */
function endWithSameEpoch(
  transaction: Transaction,
  request: EndRequest,
  moment: TransactionMoment,
): TransactionDecision {
  const { producerId, producerEpoch, result } = request
  if (transaction.producerId !== producerId) return refused(request, 'INVALID_PRODUCER_ID_MAPPING')
  if (transaction.producerEpoch !== producerEpoch) return refused(request, 'PRODUCER_FENCED')
  switch (transaction.state) {
    case 'Ongoing':
      return end(transaction, request, { epoch: 'same', moment })
    case 'PrepareCommit':
      return refused(request, result === 'commit' ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE')
    case 'PrepareAbort':
      return refused(request, result === 'abort' ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE')
    case 'CompleteCommit':
      return result === 'commit'
        ? done(transaction, request)
        : refused(request, 'INVALID_TXN_STATE')
    case 'CompleteAbort':
      return result === 'abort' ? done(transaction, request) : refused(request, 'INVALID_TXN_STATE')
    case 'Empty':
      return refused(request, 'INVALID_TXN_STATE')
  }
}

/** KIP-890: every transaction has an epoch of its own, so a request that comes late cannot end the one after it (T6). */
function endWithNewEpoch(
  transaction: Transaction,
  request: EndRequest,
  moment: TransactionMoment,
): TransactionDecision {
  const asks = whoAsks(transaction, request)
  const { result } = request
  if (asks === 'stranger') {
    const isOwn = transaction.producerId === request.producerId
    return refused(request, isOwn ? 'PRODUCER_FENCED' : 'INVALID_PRODUCER_ID_MAPPING')
  }
  switch (transaction.state) {
    case 'Empty':
    case 'Ongoing':
      if (asks === 'retry') return refused(request, 'PRODUCER_FENCED')
      break
    case 'PrepareCommit':
    case 'PrepareAbort':
      // It has heard of this end, and wants to end the next one, which has to wait. Kafka fences it, who has done nothing wrong.
      if (asks === 'owner') return refused(request, 'CONCURRENT_TRANSACTIONS')
      return refused(
        request,
        transaction.state === preparedAs[result] ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE',
      )
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (asks === 'owner') break
      return transaction.state === completedAs[result]
        ? endAgain(transaction, request, moment)
        : refused(request, 'INVALID_TXN_STATE')
  }
  // An abort is allowed where nothing was begun: the producer does not know, and wants a new epoch.
  if (transaction.state !== 'Ongoing' && result === 'commit')
    return refused(request, 'INVALID_TXN_STATE')
  return end(transaction, request, { epoch: 'next', moment })
}

const preparedAs = { commit: 'PrepareCommit', abort: 'PrepareAbort' } as const
const completedAs = { commit: 'CompleteCommit', abort: 'CompleteAbort' } as const

/** The `owner` goes by what it was given last; a `retry` goes by the epoch before it. */
function whoAsks(transaction: Transaction, asked: EndRequest): 'owner' | 'retry' | 'stranger' {
  const { producerId, producerEpoch, previousProducerId } = transaction
  const owner = producerAfter(transaction)
  if (asked.producerId === owner.producerId && asked.producerEpoch === owner.producerEpoch)
    return 'owner'
  if (asked.producerId === producerId)
    return asked.producerEpoch + 1 === producerEpoch ? 'retry' : 'stranger'
  const hadLast = asked.producerId === previousProducerId && isExhausted(asked.producerEpoch)
  return hadLast && producerEpoch === 0 ? 'retry' : 'stranger'
}

function end(
  transaction: Transaction,
  request: EndRequest,
  { epoch, moment }: { readonly epoch: 'same' | 'next'; readonly moment: TransactionMoment },
): TransactionDecision {
  const { freshProducerId, ticket, transactionalId, result } = request
  const needsId = epoch === 'next' && isExhausted(transaction.producerEpoch)
  if (needsId && freshProducerId === undefined)
    return { answers: [answer<ProducerAnswer>(ticket, 'needs producer id')] }
  const nextProducerId = needsId ? (freshProducerId ?? NO_PRODUCER_ID) : NO_PRODUCER_ID
  const version = request.clientVersion
  const prepared = preparedTransaction(
    transaction,
    { result, version, epoch, nextProducerId },
    moment,
  )
  const last = transaction.producerEpoch
  return joined(prepare(prepared), {
    // Who ends one with the epoch that it keeps has heard of it: what still asks for that epoch is a stray copy.
    changes: [{ type: 'last-epoch', transactionalId, epoch: epoch === 'next' ? last : NO_EPOCH }],
    answers: [answer<ProducerAnswer>(ticket, { error: 'NONE', ...producerAfter(prepared) })],
  })
}

/**
 * The transaction was ended like that, by the producer itself or because its time was over. If it was aborted under the largest epoch, which
 * no producer gets, its owner goes on with a new id (T10).
 */
function endAgain(
  transaction: Transaction,
  request: EndRequest,
  { nowMs }: TransactionMoment,
): TransactionDecision {
  if (transaction.producerEpoch !== LARGEST_EPOCH) return done(transaction, request)
  const { freshProducerId, ticket, transactionalId, producerEpoch } = request
  if (freshProducerId === undefined)
    return { answers: [answer<ProducerAnswer>(ticket, 'needs producer id')] }
  const renewed: Transaction = {
    ...transaction,
    state: following(transaction.state, 'CompleteAbort'),
    previousProducerId: transaction.producerId,
    producerId: freshProducerId,
    producerEpoch: 0,
    updatedMs: nowMs,
  }
  return joined(done(renewed, request), {
    changes: [
      { type: 'transaction', transaction: renewed },
      { type: 'last-epoch', transactionalId, epoch: producerEpoch },
    ],
  })
}

function done(
  { producerId, producerEpoch }: Transaction,
  { ticket }: EndRequest,
): TransactionDecision {
  return {
    answers: [answer<ProducerAnswer>(ticket, { error: 'NONE', producerId, producerEpoch })],
  }
}

function refused({ ticket }: EndRequest, error: ErrorName): TransactionDecision {
  const none = { producerId: NO_PRODUCER_ID, producerEpoch: NO_EPOCH }
  return { answers: [answer<ProducerAnswer>(ticket, { error, ...none })] }
}
