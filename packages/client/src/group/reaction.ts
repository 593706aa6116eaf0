import type { ErrorName } from '@varve/protocol'
import { isRetriable, ProtocolError } from '../errors.ts'

/**
 * What a member does about a failed request to its coordinator.
 *
 * - `retry`: the same again, after a while.
 * - `find-coordinator`: the same again, after looking for the coordinator anew.
 * - `rejoin`: what it owns is still its own, but the group is dividing the partitions again.
 * - `rejoin-lost`: it is still known, but others own what it owned.
 * - `rejoin-new`: it is not known any more; it joins as a new member.
 * - `give-up`: joining again would not help; the reader is told.
 */
export type Reaction =
  | 'retry'
  | 'find-coordinator'
  | 'rejoin'
  | 'rejoin-lost'
  | 'rejoin-new'
  | 'give-up'

const REACTIONS: { readonly [error in ErrorName]?: Reaction } = {
  COORDINATOR_LOAD_IN_PROGRESS: 'retry',
  COORDINATOR_NOT_AVAILABLE: 'find-coordinator',
  NOT_COORDINATOR: 'find-coordinator',
  REQUEST_TIMED_OUT: 'find-coordinator',
  REBALANCE_IN_PROGRESS: 'rejoin',
  ILLEGAL_GENERATION: 'rejoin-lost',
  UNKNOWN_MEMBER_ID: 'rejoin-new',
  FENCED_MEMBER_EPOCH: 'rejoin-lost',
  FENCED_INSTANCE_ID: 'give-up',
  GROUP_MAX_SIZE_REACHED: 'give-up',
  GROUP_AUTHORIZATION_FAILED: 'give-up',
  INCONSISTENT_GROUP_PROTOCOL: 'give-up',
  INVALID_GROUP_ID: 'give-up',
  INVALID_SESSION_TIMEOUT: 'give-up',
}

/** What to do about it: a connection that failed may mean that the coordinator is elsewhere now. */
export function reactionTo(error: unknown): Reaction {
  if (!(error instanceof ProtocolError)) return isRetriable(error) ? 'find-coordinator' : 'give-up'
  return REACTIONS[error.error] ?? (error.retriable ? 'retry' : 'give-up')
}

/** Whether it says that there is no such topic or partition. */
export function isUnknownTopic(error: unknown): boolean {
  if (!(error instanceof ProtocolError)) return false
  return error.error === 'UNKNOWN_TOPIC_OR_PARTITION' || error.error === 'UNKNOWN_TOPIC_ID'
}
