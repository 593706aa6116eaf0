/** What one shard of the transaction coordinator knows: a partition of `__transaction_state`, read into memory. */
import type { Transaction } from './transaction.ts'
import type { WaitingRequest } from './transaction-requests.ts'

/** Written by `apply` alone. What lies in the maps are values, replaced and never changed. */
export interface TransactionShardState {
  /** By transactional id. All that lies in the log, and nothing else does. */
  readonly transactions: Map<string, Transaction>
  /**
   * The epoch that a producer had before it asked for its present one, by transactional id: with it a repeated InitProducerId is known for
   * what it is (KIP-360). The log has no place for it, so a retry across a restart fences its producer, as with Kafka.
   */
  readonly lastEpochs: Map<string, number>
  /** Requests that wait for a transaction to be completed, by transactional id, in order. */
  readonly waiting: Map<string, readonly WaitingRequest[]>
}

export function emptyTransactionState(): TransactionShardState {
  return { transactions: new Map(), lastEpochs: new Map(), waiting: new Map() }
}
