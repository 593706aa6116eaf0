/** Asking a transaction's coordinator whether partitions are in it, before records of the transaction enter them (KIP-890). */
import type { ErrorName } from '@varve/protocol'

export interface VerificationRequest {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  /** `add`: the partitions become part of the transaction, which begins if none is open (transactions v2). `verify`: they must be in it already. */
  readonly mode: 'verify' | 'add'
  readonly partitions: readonly {
    readonly topic: string
    readonly partition: number
  }[]
}

export interface TransactionVerifier {
  /**
   * One error name per partition, in the order asked: `NONE` when the partition is in the ongoing transaction, durably; `TRANSACTION_ABORTABLE` when
   * it is not; `PRODUCER_FENCED`, `INVALID_PRODUCER_ID_MAPPING`, `CONCURRENT_TRANSACTIONS` or an error of the coordinator. Never rejects.
   */
  verify(asked: VerificationRequest): Promise<readonly ErrorName[]>
}
