import {
  type ErrorName,
  errorCode,
  InitProducerId,
  type InitProducerIdRequest,
  type ResponseInput,
} from '@varve/protocol'
import { initProducer } from '../coordinator/transaction/init-producer.ts'
import type { ProducerAndEpoch } from '../coordinator/transaction/transaction-requests.ts'
import { DiskError } from '../world.ts'
import { withFreshProducerId } from './fresh-producer-id.ts'
import { CLUSTER_RESOURCE, handler, type RequestContext } from './handler.ts'
import { unfenced } from './unfenced.ts'

/** KIP-588: clients of versions from here on know PRODUCER_FENCED. */
const FENCED_SINCE = 4
const NONE = -1

/**
 * Gives a producer its id and epoch. One without a transactional id gets an id that nobody had before, whatever it brings; for a transactional
 * one the coordinator fences who had the epoch before.
 */
export const initProducerId = handler(
  InitProducerId,
  ['IdempotentWrite Cluster', 'Write TransactionalId'],
  (request, context) => {
    const { transactionalId } = request
    if (transactionalId === '') return refused('INVALID_REQUEST')
    if (transactionalId !== null) return initTransactional(transactionalId, request, context)
    if (!context.authorize('IdempotentWrite', 'Cluster', CLUSTER_RESOURCE))
      return refused('CLUSTER_AUTHORIZATION_FAILED')
    const next = context.broker.producerIds.next()
    return next instanceof Promise ? next.then(given, failed) : given(next)
  },
)

function initTransactional(
  transactionalId: string,
  request: InitProducerIdRequest,
  context: RequestContext,
): ResponseInput<typeof InitProducerId> | Promise<ResponseInput<typeof InitProducerId>> {
  if (!context.authorize('Write', 'TransactionalId', transactionalId))
    return refused('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  const { producerId, producerEpoch, transactionTimeoutMs: timeoutMs } = request
  if ((producerId === NONE) !== (producerEpoch === NONE)) return refused('INVALID_REQUEST')
  const current: ProducerAndEpoch | undefined =
    producerId === NONE ? undefined : { producerId, producerEpoch }
  return withFreshProducerId(context, transactionalId, (asking, state, moment) =>
    initProducer(state, { transactionalId, timeoutMs, current, ...asking }, moment),
  ).then(({ error, ...producer }) => ({
    errorCode: errorCode(context.apiVersion < FENCED_SINCE ? unfenced(error) : error),
    ...producer,
  }))
}

function given(producerId: number): ResponseInput<typeof InitProducerId> {
  return { errorCode: 0, producerId, producerEpoch: 0 }
}

/** No block of ids could be made durable. The client asks again. */
function failed(error: unknown): ResponseInput<typeof InitProducerId> {
  if (error instanceof DiskError) return refused('COORDINATOR_NOT_AVAILABLE')
  throw error
}

function refused(error: ErrorName): ResponseInput<typeof InitProducerId> {
  return { errorCode: errorCode(error), producerId: NONE, producerEpoch: NONE }
}
