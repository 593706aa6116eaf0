/** What is said of a segment: its batches, how it begins and where it ends. */
import type { AbortedTransaction } from './aborted-transaction.ts'
import type { OffsetIndex } from './offset-index.ts'
import type { TimeIndex } from './time-index.ts'
import type { TransactionIndex } from './transaction-index.ts'

/** What a segment must know of a batch that it takes. */
export interface SegmentBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly sizeBytes: number
  readonly maxTimestamp: number
  /** There when the batch is the ABORT marker of a transaction that had records here. */
  readonly aborted?: AbortedTransaction | undefined
}

/** The end of a segment at one moment. */
export interface SegmentMark {
  readonly sizeBytes: number
  readonly firstTimestamp: number | undefined
  readonly maxTimestamp: number | undefined
  readonly offsetOfMaxTimestamp: number
  readonly bytesSinceIndexEntry: number
  readonly offsetsCount: number
  readonly timesCount: number
  readonly transactionsCount: number
}

/** All that is known of the batches of a segment up to its end at one moment. */
export interface SegmentImage {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly offsetOfMaxTimestamp: number
  readonly bytesSinceIndexEntry: number
  readonly offsets: OffsetIndex
  readonly times: TimeIndex
  readonly transactions: TransactionIndex
}

export interface SegmentState {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly createdMs: number
  /** A new segment has no file yet, or an empty one whose name is not durable. */
  readonly isNew: 'yes' | 'no'
  /** `none`: there is no `.txnindex`. There may be one without. */
  readonly transactionFile?: 'none'
}
