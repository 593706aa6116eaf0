/** The transaction coordinator as the runtime sees it. */
import type { CoordinatorRuntime } from '../runtime/coordinator-runtime.ts'
import type { Decision } from '../runtime/decision.ts'
import type { Moment } from '../runtime/moment.ts'
import type { ShardLogic, StoredRecord } from '../runtime/shard-logic.ts'
import { applyTransactionChange } from './apply.ts'
import type { TransactionChange } from './change.ts'
import { completed, resume } from './completed.ts'
import type { MarkerErrand } from './errand.ts'
import type { TransactionEvent } from './event.ts'
import { expireIds, nextExpiry } from './expire-ids.ts'
import { markersOf } from './prepare.ts'
import { emptyTransactionState, type TransactionShardState } from './state.ts'
import { timedOut, timeoutOf } from './timeout.ts'
import { isPrepared } from './transaction.ts'
import { readTransaction, transactionRecord, transactionTombstone } from './transaction-record.ts'
import type { TransactionRules } from './transaction-rules.ts'
import { joined, waitExpired } from './waiting.ts'

export type TransactionDecision = Decision<TransactionChange, TransactionEvent, MarkerErrand>
export type TransactionMoment = Moment<TransactionRules>
export type TransactionLogic = ShardLogic<
  TransactionShardState,
  TransactionChange,
  TransactionEvent,
  TransactionRules,
  MarkerErrand
>

/** Transactional ids and their transactions. */
export type TransactionCoordinator = CoordinatorRuntime<
  TransactionShardState,
  TransactionChange,
  TransactionEvent,
  TransactionRules,
  MarkerErrand
>

export const transactionLogic: TransactionLogic = {
  emptyState: emptyTransactionState,
  encode,
  decode: readTransaction,
  apply: applyTransactionChange,
  loaded,
  fired,
  // Whoever writes markers sees by itself which partitions are gone.
  metadataChanged: () => ({}),
}

function encode(change: TransactionChange): StoredRecord | undefined {
  switch (change.type) {
    case 'transaction':
      return transactionRecord(change.transaction)
    case 'forgotten':
      return transactionTombstone(change.transactionalId)
    case 'last-epoch':
    case 'waits':
    case 'waits-no-more':
      return undefined
  }
}

/** Transactions that are decided are completed (T5), and those that are open may time out. */
function loaded(
  { transactions }: TransactionShardState,
  moment: TransactionMoment,
): TransactionDecision {
  const all = [...transactions.values()]
  return joined(nextExpiry(moment), {
    timers: all.filter(({ state }) => state === 'Ongoing').map(one => timeoutOf(one, moment)),
    errands: all.filter(isPrepared).map(markersOf),
  })
}

function fired(
  state: TransactionShardState,
  event: TransactionEvent,
  moment: TransactionMoment,
): TransactionDecision {
  switch (event.type) {
    case 'timed-out':
      return timedOut(state, event, moment)
    case 'markers-written':
      return completed(state, event, moment)
    case 'completion-awaited':
      return resume(state, event, moment)
    case 'wait-expired':
      return waitExpired(state, event)
    case 'ids-expire':
      return expireIds(state, event.left, moment)
  }
}
