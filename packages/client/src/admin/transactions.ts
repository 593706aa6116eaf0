import {
  DescribeTransactions,
  type DescribeTransactionsResponse,
  InitProducerId,
  ListTransactions,
  type ListTransactionsResponse,
} from '@varve/protocol'
import { askBroker, type Call } from '../cluster/ask.ts'
import { ProtocolError, protocolError } from '../errors.ts'
import { retrying } from '../retry.ts'
import { askTransactionCoordinators } from './coordinators.ts'
import { describeCluster } from './describe.ts'
import {
  type DescribedTransaction,
  type FencedProducer,
  type ListedTransaction,
  type ListTransactionsOptions,
  type TransactionalIdState,
  transactionStates,
} from './transaction-results.ts'

const FIRST_VERSION_WITH_DURATION = 1
const FIRST_VERSION_WITH_PATTERN = 2

/** Lists the transactions of all brokers, by transactional id. */
export async function listTransactions(
  call: Call,
  options: ListTransactionsOptions,
): Promise<ListedTransaction[]> {
  const { brokers } = await describeCluster(call)
  const lists = await Promise.all(
    brokers.map(({ brokerId }) => transactionsOfBroker(call, brokerId, options)),
  )
  // One that moves while brokers are asked may be named by two of them.
  const found = new Map(lists.flat().map(transaction => [transaction.transactionalId, transaction]))
  return [...found.values()].sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1))
}

function transactionsOfBroker(
  call: Call,
  brokerId: number,
  options: ListTransactionsOptions,
): Promise<ListedTransaction[]> {
  const { states = [], producerIds = [], openForMs, transactionalIdPattern } = options
  const about = `listing the transactions of broker ${brokerId}`
  return retrying(call.cluster.settings, { ...call, about }, async timeoutMs => {
    const response = await askBroker(
      { ...call, timeoutMs },
      brokerId,
      ListTransactions,
      version => {
        const isTooOld =
          (version < FIRST_VERSION_WITH_DURATION && openForMs !== undefined) ||
          (version < FIRST_VERSION_WITH_PATTERN && transactionalIdPattern !== undefined)
        if (isTooOld)
          throw new ProtocolError('UNSUPPORTED_VERSION', about, 'the broker cannot filter by that')
        return {
          stateFilters: [...states],
          producerIdFilters: [...producerIds],
          ...(openForMs === undefined ? {} : { durationFilter: openForMs }),
          ...(transactionalIdPattern === undefined ? {} : { transactionalIdPattern }),
        }
      },
    )
    const error = protocolError(response.errorCode, { about })
    if (error !== undefined) throw error
    return response.transactionStates.map(listed => listedTransaction(listed, brokerId))
  })
}

function listedTransaction(
  listed: ListTransactionsResponse['transactionStates'][number],
  coordinatorId: number,
): ListedTransaction {
  const { transactionalId, producerId, transactionState } = listed
  return { transactionalId, producerId, state: stateOf(transactionState), coordinatorId }
}

function stateOf(text: string): TransactionalIdState {
  return transactionStates.find(state => state === text) ?? 'Unknown'
}

/** Describes transactions; one result per transactional id, in their order. */
export function describeTransactions(
  call: Call,
  transactionalIds: readonly string[],
): Promise<DescribedTransaction[]> {
  return askTransactionCoordinators(call, {
    items: transactionalIds.map(transactionalId => ({ transactionalId })),
    failed: ({ transactionalId }, error) => ({ ...UNDESCRIBED, transactionalId, error }),
    ask: async (coordinator, items, timeoutMs) => {
      const ids = items.map(({ transactionalId }) => transactionalId)
      const request = { transactionalIds: ids }
      const response = await call.cluster.request(coordinator, DescribeTransactions, request, {
        timeoutMs,
      })
      return ids.map(transactionalId => {
        const answer = response.transactionStates.find(
          described => described.transactionalId === transactionalId,
        )
        const about = `describing transactional id ${transactionalId}`
        const error =
          answer === undefined
            ? new ProtocolError('UNKNOWN_SERVER_ERROR', about, 'the broker left it out')
            : protocolError(answer.errorCode, { about })
        return answer === undefined || error !== undefined
          ? { ...UNDESCRIBED, transactionalId, error }
          : describedTransaction(answer, coordinator.brokerId)
      })
    },
  })
}

const UNDESCRIBED = {
  state: 'Unknown',
  coordinatorId: -1,
  producerId: -1,
  producerEpoch: -1,
  timeoutMs: -1,
  startedAt: undefined,
  partitions: [],
} as const

function describedTransaction(
  answer: DescribeTransactionsResponse['transactionStates'][number],
  coordinatorId: number,
): DescribedTransaction {
  const { transactionalId, producerId, producerEpoch, transactionStartTimeMs } = answer
  return {
    ...{ transactionalId, producerId, producerEpoch, coordinatorId },
    state: stateOf(answer.transactionState),
    timeoutMs: answer.transactionTimeoutMs,
    startedAt: transactionStartTimeMs < 0 ? undefined : transactionStartTimeMs,
    partitions: answer.topics.flatMap(({ topic, partitions }) =>
      partitions.map(partition => ({ topic, partition })),
    ),
    error: undefined,
  }
}

/** The producer of this call never begins a transaction, so its time does not matter; it must be one that brokers take. */
const TIMEOUT_MS = 1

/** Takes the epochs of producers: each is fenced, and its open transaction aborted. One result per id, in their order. */
export function fenceProducers(
  call: Call,
  transactionalIds: readonly string[],
): Promise<FencedProducer[]> {
  return askTransactionCoordinators(call, {
    items: transactionalIds.map(transactionalId => ({ transactionalId })),
    failed: ({ transactionalId }, error) => ({
      ...{ transactionalId, producerId: -1, producerEpoch: -1, error },
    }),
    ask: (coordinator, items, timeoutMs) =>
      Promise.all(
        items.map(async ({ transactionalId }): Promise<FencedProducer> => {
          const about = `fencing the producer with transactional id ${transactionalId}`
          const { settings } = call.cluster
          return retrying(settings, { ...call, about, timeoutMs }, async remainingMs => {
            const request = { transactionalId, transactionTimeoutMs: TIMEOUT_MS }
            const response = await call.cluster.request(coordinator, InitProducerId, request, {
              timeoutMs: remainingMs,
            })
            const { producerId, producerEpoch } = response
            const error = protocolError(response.errorCode, { about })
            // The abort of what was open takes a moment.
            if (error?.code === 'CONCURRENT_TRANSACTIONS') throw error
            return { transactionalId, producerId, producerEpoch, error }
          })
        }),
      ),
  })
}
