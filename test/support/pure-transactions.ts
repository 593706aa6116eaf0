/** A transaction coordinator for tests of handlers: one shard that lives in memory, for every transactional id. */
import type { TransactionCoordinator } from '../../packages/broker/src/coordinator/transaction/transaction-logic.ts'
import type { TransactionShard } from './transaction-shard.ts'

/** What waits in the shard is answered when the coordinator is asked the next time. */
export function pureTransactions(shard: TransactionShard): TransactionCoordinator {
  const waiting: (() => boolean)[] = []
  return {
    ask: (_key, question) => {
      const asked = shard.ask(question.decide)
      return new Promise(resolve => {
        waiting.push(() => {
          if (asked.isAnswered()) resolve(asked.response())
          return asked.isAnswered()
        })
        for (const isDone of waiting.splice(0)) if (!isDone()) waiting.push(isDone)
      })
    },
    askAll: question => Promise.resolve([shard.ask(question.decide).response()]),
    leadersOf: keys => Promise.resolve(keys.map(() => 1)),
  }
}

/** A coordinator that refuses whatever it is asked. */
export function refusingTransactions(
  error: Parameters<Parameters<TransactionCoordinator['ask']>[1]['refuse']>[0],
): TransactionCoordinator {
  return {
    ask: (_key, { refuse }) => Promise.resolve(refuse(error)),
    askAll: ({ refuse }) => Promise.resolve([refuse(error)]),
    leadersOf: keys => Promise.resolve(keys.map(() => error)),
  }
}
