import {
  DescribeTransactions,
  type DescribeTransactionsResponse,
  type ErrorName,
  errorCode,
} from '@varve/protocol'
import { answer } from '../coordinator/runtime/decision.ts'
import type { Transaction } from '../coordinator/transaction/transaction.ts'
import { handler, type RequestContext } from './handler.ts'

type Described = DescribeTransactionsResponse['transactionStates'][number]

/** Describes transactions (KIP-664). An id that is named twice is described once. */
export const describeTransactions = handler(
  DescribeTransactions,
  ['Describe TransactionalId', 'Describe Topic'],
  async ({ transactionalIds }, context): Promise<DescribeTransactionsResponse> => {
    const transactionStates = await Promise.all(
      [...new Set(transactionalIds)].map(transactionalId => describe(transactionalId, context)),
    )
    return { throttleTimeMs: 0, transactionStates }
  },
)

async function describe(transactionalId: string, context: RequestContext): Promise<Described> {
  if (!context.authorize('Describe', 'TransactionalId', transactionalId))
    return refused(transactionalId, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  if (transactionalId === '') return refused(transactionalId, 'INVALID_REQUEST')
  const found = await context.broker.transactions.ask<Transaction | ErrorName>(transactionalId, {
    decide: ({ transactions }, ticket) => ({
      answers: [answer(ticket, transactions.get(transactionalId) ?? 'TRANSACTIONAL_ID_NOT_FOUND')],
    }),
    refuse: error => error,
  })
  return typeof found === 'string' ? refused(transactionalId, found) : described(found, context)
}

function described(transaction: Transaction, context: RequestContext): Described {
  return {
    errorCode: 0,
    transactionalId: transaction.transactionalId,
    transactionState: transaction.state,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startedMs,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: [...transaction.partitions]
      // Which topics there are is told to those alone who may know them.
      .filter(([topic]) => context.authorize('Describe', 'Topic', topic))
      .map(([topic, partitions]) => ({ topic, partitions: [...partitions] })),
  }
}

function refused(transactionalId: string, error: ErrorName): Described {
  return {
    errorCode: errorCode(error),
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  }
}
