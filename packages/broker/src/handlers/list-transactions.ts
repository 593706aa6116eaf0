import {
  type ErrorName,
  errorCode,
  ListTransactions,
  type ListTransactionsResponse,
} from '@varve/protocol'
import { InvalidPattern } from '../coordinator/regex/invalid-pattern.ts'
import { compileTopicPattern, type TopicPattern } from '../coordinator/regex/topic-pattern.ts'
import { answer } from '../coordinator/runtime/decision.ts'
import { listTransactions as list } from '../coordinator/transaction/list-transactions.ts'
import type { Transaction } from '../coordinator/transaction/transaction.ts'
import { transactionStateNames } from '../coordinator/transaction/transaction-states.ts'
import { handler } from './handler.ts'

type ShardAnswer = readonly Transaction[] | ErrorName

/** Lists the transactions that this broker coordinates (KIP-664). */
export const listTransactions = handler(
  ListTransactions,
  ['Describe TransactionalId'],
  async (request, context): Promise<ListTransactionsResponse> => {
    const { stateFilters, producerIdFilters: producerIds, durationFilter } = request
    const unknown = stateFilters.filter(name => !transactionStateNames.has(name))
    const pattern = patternOf(request.transactionalIdPattern)
    if (pattern === 'invalid') return answered('INVALID_REGULAR_EXPRESSION', [], [])
    const filter = {
      states: stateFilters.length === 0 ? undefined : new Set(stateFilters),
      producerIds,
      durationMs: durationFilter < 0 ? undefined : durationFilter,
      pattern,
    }
    const answers = await context.broker.transactions.askAll<ShardAnswer>({
      decide: (state, ticket, moment) => ({
        answers: [answer<ShardAnswer>(ticket, list(state, filter, moment))],
      }),
      // A shard that has gone elsewhere is listed there.
      refuse: error => (error === 'NOT_COORDINATOR' ? [] : error),
    })
    const transactions: Transaction[] = []
    for (const listed of answers) {
      if (typeof listed === 'string') return answered(listed, unknown, [])
      for (const transaction of listed)
        if (context.authorize('Describe', 'TransactionalId', transaction.transactionalId))
          transactions.push(transaction)
    }
    return answered('NONE', unknown, transactions)
  },
)

/** An empty one lets all pass, as with Kafka. */
function patternOf(source: string | null): TopicPattern | undefined | 'invalid' {
  if (source === null || source === '') return undefined
  try {
    return compileTopicPattern(source)
  } catch (error) {
    if (error instanceof InvalidPattern) return 'invalid'
    throw error
  }
}

function answered(
  error: ErrorName,
  unknownStateFilters: string[],
  transactions: readonly Transaction[],
): ListTransactionsResponse {
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(error),
    unknownStateFilters,
    transactionStates: transactions.map(({ transactionalId, producerId, state }) => ({
      transactionalId,
      producerId,
      transactionState: state,
    })),
  }
}
