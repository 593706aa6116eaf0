/** How much one request may change: its records are one batch of the metadata log. As many as with Kafka. */
import type { Refusal } from './new-partitions.ts'

export const CHANGES_PER_REQUEST_MAX = 10_000

/** The answer to what is beyond. */
export const TOO_MANY_CHANGES: Refusal = {
  error: 'POLICY_VIOLATION',
  message: `The request has more than ${CHANGES_PER_REQUEST_MAX} changes; ask for them in several.`,
}
