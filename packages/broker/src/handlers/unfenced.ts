import type { ErrorName } from '@varve/protocol'

/** An error for clients from before KIP-588, which do not know PRODUCER_FENCED. */
export function unfenced(error: ErrorName): ErrorName {
  return error === 'PRODUCER_FENCED' ? 'INVALID_PRODUCER_EPOCH' : error
}
