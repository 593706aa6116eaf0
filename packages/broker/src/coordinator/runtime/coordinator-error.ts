import type { ErrorName } from '@varve/protocol'

const said: { readonly [error in ErrorName]?: ErrorName } = {
  NOT_LEADER_OR_FOLLOWER: 'NOT_COORDINATOR',
  KAFKA_STORAGE_ERROR: 'NOT_COORDINATOR',
  UNKNOWN_TOPIC_OR_PARTITION: 'COORDINATOR_NOT_AVAILABLE',
  // The log takes no more producers just now; those that are idle are forgotten.
  THROTTLING_QUOTA_EXCEEDED: 'COORDINATOR_NOT_AVAILABLE',
  // About the producer of a transaction, not about the log.
  INVALID_PRODUCER_EPOCH: 'INVALID_PRODUCER_EPOCH',
  INVALID_TXN_STATE: 'INVALID_TXN_STATE',
}

/**
 * How a failure of a coordinator's log is said to its clients, as Kafka does: those that another attempt may mend make them look for the
 * coordinator again, any other is `UNKNOWN_SERVER_ERROR`.
 */
export function coordinatorError(error: ErrorName): ErrorName {
  return said[error] ?? 'UNKNOWN_SERVER_ERROR'
}
