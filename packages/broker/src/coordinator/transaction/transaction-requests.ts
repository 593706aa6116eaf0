/** What the coordinator is asked about one transactional id, and what it says. */
import type { ErrorName } from '@varve/protocol'
import type { Ticket } from '../runtime/decision.ts'
import type { TransactionPartitions, TransactionResult } from './transaction.ts'

/** A producer by its id and epoch. */
export interface ProducerAndEpoch {
  readonly producerId: number
  readonly producerEpoch: number
}

/** A producer asks for its id and epoch. */
export interface ProducerRequest {
  readonly transactionalId: string
  readonly timeoutMs: number
  /** What the producer goes by so far (KIP-360); undefined for one that has just started. */
  readonly current: ProducerAndEpoch | undefined
  /** A new id, should one be needed; undefined when none was taken yet. Decisions draw no lots. */
  readonly freshProducerId: number | undefined
  readonly ticket: Ticket<ProducerAnswer>
}

/** `needs producer id`: ask again, with a fresh one. Nothing was changed. */
export type ProducerAnswer = ProducerGiven | 'needs producer id'

export interface ProducerGiven extends ProducerAndEpoch {
  readonly error: ErrorName
}

/** A producer adds partitions, or a broker does for it (KIP-890). */
export interface PartitionsRequest extends ProducerAndEpoch {
  readonly transactionalId: string
  readonly partitions: TransactionPartitions
  readonly ticket: Ticket<ErrorName>
}

/** A broker asks whether partitions are in a producer's transaction (KIP-890). */
export interface VerifyRequest extends ProducerAndEpoch {
  readonly transactionalId: string
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
  /** One for each partition, in their order. */
  readonly ticket: Ticket<readonly ErrorName[]>
}

/** A producer ends its transaction. */
export interface EndRequest extends ProducerAndEpoch {
  readonly transactionalId: string
  readonly result: TransactionResult
  /** 2: the producer gets a new epoch with the answer (KIP-890). */
  readonly clientVersion: 0 | 2
  readonly freshProducerId: number | undefined
  readonly ticket: Ticket<ProducerAnswer>
}

/** A request that waits for a transaction to be completed. */
export type WaitingRequest =
  | { readonly type: 'producer'; readonly request: ProducerRequest }
  | { readonly type: 'partitions'; readonly request: PartitionsRequest }
