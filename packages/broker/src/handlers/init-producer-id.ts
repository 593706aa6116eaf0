import { type ErrorName, errorCode, InitProducerId, type ResponseInput } from '@varve/protocol'
import { DiskError } from '../world.ts'
import { CLUSTER_RESOURCE, handler } from './handler.ts'

/**
 * Gives an idempotent producer an id that nobody had before. The id and epoch that a client may bring (KIP-360) matter to
 * transactions alone: without one, Kafka too answers with a new id.
 */
export const initProducerId = handler(
  InitProducerId,
  ['IdempotentWrite Cluster', 'Write TransactionalId'],
  (request, context) => {
    const { transactionalId } = request
    if (transactionalId === '') return refused('INVALID_REQUEST')
    // There are no transactions yet, and this is the one error that all clients take for final: NOT_COORDINATOR and
    // COORDINATOR_NOT_AVAILABLE make them try for ever, and librdkafka does so with errors that it does not expect here.
    // Well-behaved clients never come this far: FindCoordinator has told them the same.
    if (transactionalId !== null) return refused('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    if (!context.authorize('IdempotentWrite', 'Cluster', CLUSTER_RESOURCE))
      return refused('CLUSTER_AUTHORIZATION_FAILED')
    const next = context.broker.producerIds.next()
    return next instanceof Promise ? next.then(given, failed) : given(next)
  },
)

function given(producerId: number): ResponseInput<typeof InitProducerId> {
  return { errorCode: 0, producerId, producerEpoch: 0 }
}

/** No block of ids could be made durable. The client asks again. */
function failed(error: unknown): ResponseInput<typeof InitProducerId> {
  if (error instanceof DiskError) return refused('COORDINATOR_NOT_AVAILABLE')
  throw error
}

function refused(error: ErrorName): ResponseInput<typeof InitProducerId> {
  return { errorCode: errorCode(error), producerId: -1, producerEpoch: -1 }
}
