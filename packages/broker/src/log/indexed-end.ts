import type { TimeIndex } from './time-index.ts'
import type { TransactionIndex } from './transaction-index.ts'

/**
 * The offset behind the last record that these indexes of a segment speak of; 0 when they speak of none. Where the segment ends before it, they have
 * outlived batches that a loss of power has taken: readers would be told of aborted transactions, and of times, that are none of the batches which
 * come in their place. The offset index need not be asked: an entry for what is not there points beyond the segment's bytes.
 */
export function indexedEnd(times: TimeIndex, transactions: TransactionIndex): number {
  const timesEnd = times.count === 0 ? 0 : times.lastOffset + 1
  return Math.max(timesEnd, (transactions.entries().at(-1)?.lastOffset ?? -1) + 1)
}
