import { FetchSession } from './fetch-session.ts'

/** What is being fetched from one broker. */
export interface BrokerFetches {
  readonly session: FetchSession
  /** A fetch of the session is under way; the broker may hold it back until there is something. */
  isAsking: boolean
  /** A fetch beside the session is under way, for partitions that became ready while the session's fetch was held back. */
  isAskingAside: boolean
  failures: number
  retryAt: number
}

export function fetchesAtRest(): BrokerFetches {
  const session = new FetchSession()
  return { session, isAsking: false, isAskingAside: false, failures: 0, retryAt: 0 }
}
