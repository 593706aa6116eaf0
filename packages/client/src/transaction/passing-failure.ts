import type { ErrorName } from '@varve/protocol'
import { FencedError, isRetriable, ProtocolError, type TransactionFailedError } from '../errors.ts'

/** What a transaction fails for once and not again: partitions that moved, an epoch or a sequence that was lost, time that was over. */
const PASSING: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'FENCED_MEMBER_EPOCH',
  'ILLEGAL_GENERATION',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'PRODUCER_FENCED',
  'STALE_MEMBER_EPOCH',
  'TRANSACTION_ABORTABLE',
  'UNKNOWN_MEMBER_ID',
  'UNKNOWN_PRODUCER_ID',
])

/** Whether the same records may well be committed in another transaction. */
export function isPassing({ cause }: TransactionFailedError): boolean {
  if (isRetriable(cause)) return true
  // The consumer's own word: the partition is not its own any more, or it is no member just now.
  if (cause instanceof FencedError) return true
  return cause instanceof ProtocolError && PASSING.has(cause.error)
}
