import type { TransactionPartitions, TransactionResult, TransactionVersion } from './transaction.ts'

/** The markers of one decided transaction, to be written into all of its partitions; when they are, `markers-written` is decided. */
export interface MarkerErrand {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly result: TransactionResult
  readonly transactionVersion: TransactionVersion
  readonly partitions: TransactionPartitions
}
