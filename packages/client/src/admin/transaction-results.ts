import type { Outcome, PartitionOutcome } from '../cluster/outcome.ts'
import type { TopicPartition } from '../consumer/topic-partition.ts'

export const transactionStates = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'PrepareEpochFence',
  'Dead',
  'Unknown',
] as const
/**
 * The state of a transactional id, as Kafka names it. `Empty` and `Complete...`: no transaction is open; `Prepare...`: its end is
 * decided and being carried out.
 */
export type TransactionalIdState = (typeof transactionStates)[number]

/** Which transactions are listed (KIP-664). */
export interface ListTransactionsOptions {
  /** Only those in one of these states. Default: all. */
  readonly states?: readonly TransactionalIdState[]
  /** Only those of these producers. Default: all. */
  readonly producerIds?: readonly number[]
  /** Only those that have been open for longer (KIP-994; Kafka 3.8). Default: all. */
  readonly openForMs?: number
  /** Only ids that match this RE2 expression as a whole (KIP-1152; Kafka 4.1). Default: all. */
  readonly transactionalIdPattern?: string
}

export interface ListedTransaction {
  readonly transactionalId: string
  readonly state: TransactionalIdState
  readonly producerId: number
  /** The broker that looks after it. */
  readonly coordinatorId: number
}

/** A transactional id and its transaction. `error` is `TRANSACTIONAL_ID_NOT_FOUND` where nobody uses it. */
export interface DescribedTransaction extends Outcome {
  readonly transactionalId: string
  readonly state: TransactionalIdState
  /** -1 when it was not found. */
  readonly coordinatorId: number
  readonly producerId: number
  readonly producerEpoch: number
  /** How long a transaction may take before the coordinator aborts it. */
  readonly timeoutMs: number
  /** When the open one began, milliseconds since 1970; undefined when there is none. */
  readonly startedAt: number | undefined
  /** The partitions that are in it, those of the internal topic of offsets included. */
  readonly partitions: readonly TopicPartition[]
}

/** Who has written to a partition lately, as its leader remembers. */
export interface DescribedProducers extends PartitionOutcome {
  readonly producers: readonly DescribedProducer[]
}

export interface DescribedProducer {
  readonly producerId: number
  readonly producerEpoch: number
  /** The sequence of its last record; -1: not known. */
  readonly lastSequence: number
  /** The timestamp of its last batch; -1: not known. */
  readonly lastTimestamp: number
  /** Of the coordinator that ended its last transaction here; -1: none has. */
  readonly coordinatorEpoch: number
  /** The first offset of the transaction that it has open here; undefined: it has none. */
  readonly transactionStartOffset: number | undefined
}

/** The transaction of a producer in one partition, to be aborted there; `describeProducers` tells all of it. */
export interface TransactionToAbort extends TopicPartition {
  readonly producerId: number
  readonly producerEpoch: number
  /** -1 where no coordinator has ended a transaction of the producer yet. */
  readonly coordinatorEpoch: number
}

/** What became of a transactional id that was fenced. */
export interface FencedProducer extends Outcome {
  readonly transactionalId: string
  /** The id and epoch that no producer has. */
  readonly producerId: number
  readonly producerEpoch: number
}
