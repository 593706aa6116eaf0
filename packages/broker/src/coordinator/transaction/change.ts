import type { Transaction } from './transaction.ts'
import type { WaitingRequest } from './transaction-requests.ts'

/**
 * One change of a transaction shard's state. The first two are hard: they lie in the log and come back at reload. The others are soft: who
 * waits, and how a retry is known.
 */
export type TransactionChange =
  | { readonly type: 'transaction'; readonly transaction: Transaction }
  | { readonly type: 'forgotten'; readonly transactionalId: string }
  | { readonly type: 'last-epoch'; readonly transactionalId: string; readonly epoch: number }
  | { readonly type: 'waits'; readonly transactionalId: string; readonly request: WaitingRequest }
  | { readonly type: 'waits-no-more'; readonly transactionalId: string; readonly ticket: number }
