import type { TopicPartition } from '../consumer/topic-partition.ts'
import type { ProducerIdentity } from './partition-queue.ts'

/** The open transaction of a producer, as its sender sees it. */
export interface SendingTransaction {
  readonly transactionalId: string
  /** Whom its batches come from. */
  readonly identity: ProducerIdentity
  /** The newest version of Produce that fits how the transaction is carried out. */
  readonly newestProduceVersion: number
  /** Why it cannot be committed: what is not under way is not sent any more. */
  readonly failure: Error | undefined
  /** Whether batches of a partition may be sent; where not, this sees to it, and wakes the sender. */
  admits(at: TopicPartition): boolean
  /** Batches go out now: from here on brokers may know of the transaction. */
  onSent(): void
  /** Records could not be written. `wasSent`: the broker may have them all the same, and the sequence has a gap. */
  onFailure(error: Error, batch: { readonly wasSent: boolean }): void
}
