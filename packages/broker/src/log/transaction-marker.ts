import { buildTransactionMarker, type Crc32c } from '@varve/protocol'

/** What ends a transaction in one partition, as its coordinator decided. */
export interface TransactionMarker {
  readonly producerId: number
  /** From transactions v2 on one more than the epoch that the transaction was written with: so nothing late can follow it (T6). */
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly result: 'commit' | 'abort'
  /** 2 for transactions with an epoch of their own (KIP-890), which are checked more strictly; 0 or 1 for older ones. */
  readonly transactionVersion: number
}

/** The control batch that says so in the log. */
export function markerBatch(marker: TransactionMarker, now: number, crc32c: Crc32c): Buffer {
  const type = marker.result === 'commit' ? 'COMMIT' : 'ABORT'
  return buildTransactionMarker({ ...marker, type, timestamp: now }, { crc32c })
}
