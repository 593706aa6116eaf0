/** Handlers of transactions over one shard in memory, with the topics `orders` and `other`. */
import { CoordinatorVerifier } from '../../packages/broker/src/coordinator/transaction/coordinator-verifier.ts'
import type { TransactionCoordinator } from '../../packages/broker/src/coordinator/transaction/transaction-logic.ts'
import { memoryBroker } from './memory-broker.ts'
import { pureTransactions } from './pure-transactions.ts'
import { TransactionShard } from './transaction-shard.ts'

type MemoryBroker = Awaited<ReturnType<typeof memoryBroker>>

export interface TransactionHandlers extends Pick<MemoryBroker, 'broker' | 'ask'> {
  readonly shard: TransactionShard
  /** Forbids what the predicate says, for the questions after this one. */
  readonly forbid: (predicate: (permission: string) => boolean) => void
}

export async function transactionHandlers(
  given: { transactions?: TransactionCoordinator } = {},
): Promise<TransactionHandlers> {
  const shard = new TransactionShard()
  const { transactions = pureTransactions(shard) } = given
  let isForbidden = (_permission: string): boolean => false
  let nextProducerId = 500
  const { broker, ask } = await memoryBroker({
    topics: { orders: 2, other: 1, __consumer_offsets: 50 },
    authorize: (operation, type, name) => !isForbidden(`${operation} ${type} ${name}`),
  })
  Object.assign(broker, {
    transactions,
    verifier: new CoordinatorVerifier(transactions),
    producerIds: { next: () => nextProducerId++ },
    groups: { leadersOf: (keys: readonly string[]) => Promise.resolve(keys.map(() => 1)) },
  })
  return {
    shard,
    broker,
    ask,
    forbid: predicate => {
      isForbidden = predicate
    },
  }
}
