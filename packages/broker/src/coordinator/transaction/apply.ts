import type { TransactionChange } from './change.ts'
import type { TransactionShardState } from './state.ts'
import type { WaitingRequest } from './transaction-requests.ts'

/** The only writer of the state: the same for a decision's changes and for the records of the log. */
export function applyTransactionChange(
  state: TransactionShardState,
  change: TransactionChange,
): void {
  switch (change.type) {
    case 'transaction':
      state.transactions.set(change.transaction.transactionalId, change.transaction)
      return
    case 'forgotten':
      state.transactions.delete(change.transactionalId)
      state.lastEpochs.delete(change.transactionalId)
      return
    case 'last-epoch':
      state.lastEpochs.set(change.transactionalId, change.epoch)
      return
    case 'waits':
      keepWaiting(state, change.transactionalId, [
        ...(state.waiting.get(change.transactionalId) ?? []),
        change.request,
      ])
      return
    case 'waits-no-more':
      keepWaiting(
        state,
        change.transactionalId,
        (state.waiting.get(change.transactionalId) ?? []).filter(
          ({ request }) => request.ticket.number !== change.ticket,
        ),
      )
      return
  }
}

const byArrival = (one: WaitingRequest, other: WaitingRequest): number =>
  one.request.ticket.number - other.request.ticket.number

function keepWaiting(
  { waiting }: TransactionShardState,
  transactionalId: string,
  requests: readonly WaitingRequest[],
): void {
  if (requests.length === 0) waiting.delete(transactionalId)
  // Who has to wait once more keeps the place.
  else waiting.set(transactionalId, requests.toSorted(byArrival))
}
