import type { TransactionShardState } from './state.ts'
import type { Transaction } from './transaction.ts'
import type { TransactionMoment } from './transaction-logic.ts'

/** Which transactions are wanted; an empty list and `undefined` let all pass. */
export interface TransactionFilter {
  readonly states: ReadonlySet<string> | undefined
  readonly producerIds: readonly number[]
  /** Longer than this, in milliseconds since it began. */
  readonly durationMs: number | undefined
  /** Whether the whole id matches (KIP-1152). */
  readonly pattern: { matches(transactionalId: string): boolean } | undefined
}

/** The transactional ids of a shard that pass the filter. */
export function listTransactions(
  { transactions }: TransactionShardState,
  filter: TransactionFilter,
  { nowMs }: TransactionMoment,
): readonly Transaction[] {
  const { states, producerIds, durationMs, pattern } = filter
  return [...transactions.values()].filter(
    ({ transactionalId, state, producerId, startedMs }) =>
      (states === undefined || states.has(state)) &&
      (producerIds.length === 0 || producerIds.includes(producerId)) &&
      (durationMs === undefined || nowMs - startedMs > durationMs) &&
      (pattern === undefined || pattern.matches(transactionalId)),
  )
}
