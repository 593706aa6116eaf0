import type { ErrorName } from '@varve/protocol'
import { isRetriable, ProtocolError } from '../errors.ts'

/**
 * What a producer does about a failed request of a transaction.
 *
 * - `retry`: the same again, after a while.
 * - `find-coordinator`: the same again, after looking for the coordinator anew.
 * - `abort`: this transaction cannot be committed; the producer lives.
 * - `fenced`: the id has a new owner, or the coordinator has given this producer up.
 * - `fatal`: the producer can do nothing more.
 */
export type Reaction = 'retry' | 'find-coordinator' | 'abort' | 'fenced' | 'fatal'

const REACTIONS: { readonly [error in ErrorName]?: Reaction } = {
  COORDINATOR_LOAD_IN_PROGRESS: 'retry',
  CONCURRENT_TRANSACTIONS: 'retry',
  COORDINATOR_NOT_AVAILABLE: 'find-coordinator',
  NOT_COORDINATOR: 'find-coordinator',
  REQUEST_TIMED_OUT: 'find-coordinator',
  INVALID_PRODUCER_EPOCH: 'fenced',
  PRODUCER_FENCED: 'fenced',
  CLUSTER_AUTHORIZATION_FAILED: 'fatal',
  INVALID_REQUEST: 'fatal',
  INVALID_TRANSACTION_TIMEOUT: 'fatal',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'fatal',
  TRANSACTIONAL_ID_NOT_FOUND: 'fatal',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'fatal',
  UNSUPPORTED_VERSION: 'fatal',
}

/** What to do about it: a connection that failed may mean that the coordinator is elsewhere now. */
export function reactionTo(error: unknown): Reaction {
  if (!(error instanceof ProtocolError)) return isRetriable(error) ? 'find-coordinator' : 'abort'
  return REACTIONS[error.error] ?? (error.retriable ? 'retry' : 'abort')
}
