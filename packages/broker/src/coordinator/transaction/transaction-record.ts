/** Transactional ids as records of `__transaction_state`. */
import { type TransactionRecord, transactionRecordCodec, WireError } from '@varve/protocol'
import type { StoredRecord } from '../runtime/shard-logic.ts'
import type { Transaction, TransactionVersion } from './transaction.ts'
import { transactionStateOf, transactionStates } from './transaction-states.ts'

/** Kafka's number of the state of an id that is being forgotten. */
const DEAD = 6

/** The record that says all of a transactional id. */
export function transactionRecord(transaction: Transaction): StoredRecord {
  const { transactionalId, state, partitions } = transaction
  return transactionRecordCodec.encode({
    type: 'TransactionLog',
    key: { transactionalId },
    value: {
      producerId: transaction.producerId,
      previousProducerId: transaction.previousProducerId,
      nextProducerId: transaction.nextProducerId,
      producerEpoch: transaction.producerEpoch,
      transactionTimeoutMs: transaction.timeoutMs,
      transactionStatus: transactionStates[state].status,
      transactionPartitions:
        state === 'Empty'
          ? null
          : [...partitions].map(([topic, partitionIds]) => ({ topic, partitionIds })),
      transactionLastUpdateTimestampMs: transaction.updatedMs,
      transactionStartTimestampMs: transaction.startedMs,
      clientTransactionVersion: transaction.clientVersion,
    },
  })
}

/** Numbers, lengths and the like, whatever they are. */
const FIXED_BYTES = 256
const TOPIC_BYTES = 16
const PARTITION_BYTES = 4
/** What one code unit takes as UTF-8. */
const CHARACTER_BYTES = 3

/** What key and value of the id's record may come to, in whatever state it will be with these partitions. */
export function recordBytesAtMost({ transactionalId, partitions }: Transaction): number {
  let bytes = FIXED_BYTES + transactionalId.length * CHARACTER_BYTES
  for (const [topic, indexes] of partitions)
    bytes += TOPIC_BYTES + topic.length + indexes.length * PARTITION_BYTES
  return bytes
}

/** The record that takes a transactional id back. */
export function transactionTombstone(transactionalId: string): StoredRecord {
  return transactionRecordCodec.encode({
    type: 'TransactionLog',
    key: { transactionalId },
    value: null,
  })
}

export type ReadTransaction =
  | { readonly type: 'transaction'; readonly transaction: Transaction }
  | { readonly type: 'forgotten'; readonly transactionalId: string }

/** Reads a record; undefined for one of a kind that is not known. Throws `WireError`. */
export function readTransaction({ key, value }: StoredRecord): ReadTransaction | undefined {
  const record = transactionRecordCodec.decode(key, value)
  return record.type === 'unknown' ? undefined : readKnown(record)
}

function readKnown({ key: { transactionalId }, value }: TransactionRecord): ReadTransaction {
  if (value === null || value.transactionStatus === DEAD)
    return { type: 'forgotten', transactionalId }
  const state = transactionStateOf(value.transactionStatus)
  if (state === undefined)
    throw new WireError(`a transaction has the state ${value.transactionStatus}, which is unknown`)
  const transaction: Transaction = {
    transactionalId,
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    timeoutMs: value.transactionTimeoutMs,
    state,
    partitions: new Map(
      (value.transactionPartitions ?? []).map(({ topic, partitionIds }) => [topic, partitionIds]),
    ),
    updatedMs: value.transactionLastUpdateTimestampMs,
    startedMs: value.transactionStartTimestampMs,
    clientVersion: value.clientTransactionVersion as TransactionVersion,
  }
  return { type: 'transaction', transaction }
}
