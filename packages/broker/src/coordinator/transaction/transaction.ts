/** One transactional id, as its coordinator knows it. */
import type { TransactionState } from './transaction-states.ts'

/** A value: every change replaces it. It is what the record of the id says, and nothing else. */
export interface Transaction {
  readonly transactionalId: string
  readonly producerId: number
  /** The producer id before this one, -1 when there was none: who retries what changed it still goes by the old one. */
  readonly previousProducerId: number
  /** With which the producer goes on when the transaction is completed, because its epochs are used up; -1 when it keeps its id. */
  readonly nextProducerId: number
  /** Of transactions v2, from the decision on it is the epoch of the next transaction (KIP-890). */
  readonly producerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  /** The partitions in the transaction, by topic; none unless it is ongoing or prepared. */
  readonly partitions: TransactionPartitions
  /** Milliseconds since 1970, like all times here. */
  readonly updatedMs: number
  /** -1 before the first transaction. */
  readonly startedMs: number
  /** By which version of the protocol the transaction was ended, 2 for KIP-890. */
  readonly clientVersion: TransactionVersion
}

/** 0 is the protocol of KIP-98; 1 changes the records only; with 2 every transaction has an epoch of its own (KIP-890). */
export type TransactionVersion = 0 | 1 | 2

/** Partitions by topic name. */
export type TransactionPartitions = ReadonlyMap<string, readonly number[]>

export type TransactionResult = 'commit' | 'abort'

export const NO_PRODUCER_ID = -1
export const NO_EPOCH = -1
/** No client ever gets the largest epoch: it is left for fencing the producer that has the last but one. */
export const LARGEST_EPOCH = 32_767
const EXHAUSTED_FROM = LARGEST_EPOCH - 1

/** Whether a producer with this epoch goes on with a new id, because there is no epoch left to give to it (T10). */
export function isExhausted(producerEpoch: number): boolean {
  return producerEpoch >= EXHAUSTED_FROM
}

/** Whether its outcome is decided and the markers are on their way. */
export function isPrepared(transaction: Transaction): boolean {
  return transaction.state === 'PrepareCommit' || transaction.state === 'PrepareAbort'
}

export function hasPartition(
  partitions: TransactionPartitions,
  topic: string,
  partition: number,
): boolean {
  return partitions.get(topic)?.includes(partition) === true
}

/** Both, each partition once. */
export function withPartitions(
  partitions: TransactionPartitions,
  added: TransactionPartitions,
): TransactionPartitions {
  const all = new Map(partitions)
  for (const [topic, indexes] of added)
    all.set(topic, [...new Set([...(all.get(topic) ?? []), ...indexes])])
  return all
}

export function hasAll(partitions: TransactionPartitions, asked: TransactionPartitions): boolean {
  for (const [topic, indexes] of asked)
    if (!indexes.every(index => hasPartition(partitions, topic, index))) return false
  return true
}

/** The key of the timer that ends a transaction whose producer does not. */
export const timeoutTimer = (transactionalId: string): string => `${transactionalId}/timeout`
