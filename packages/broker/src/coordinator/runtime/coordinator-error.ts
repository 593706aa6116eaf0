import type { ErrorName } from '@varve/protocol'

const said: { readonly [error in ErrorName]?: ErrorName } = {
  NOT_LEADER_OR_FOLLOWER: 'NOT_COORDINATOR',
  KAFKA_STORAGE_ERROR: 'NOT_COORDINATOR',
  UNKNOWN_TOPIC_OR_PARTITION: 'COORDINATOR_NOT_AVAILABLE',
}

/**
 * How a failure of a coordinator's log is said to its clients, as Kafka does: those that another attempt may mend make them look for the
 * coordinator again, any other is `UNKNOWN_SERVER_ERROR`.
 */
export function coordinatorError(error: ErrorName): ErrorName {
  return said[error] ?? 'UNKNOWN_SERVER_ERROR'
}
