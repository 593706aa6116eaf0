import {
  array,
  int8,
  int16,
  int32,
  int64,
  message,
  nullableArray,
  string,
  type ValueOf,
} from '../schema/index.ts'

/** A transactional id is known to its coordinator. */
export const TransactionLogKey = message({
  key: 0,
  name: 'TransactionLogKey',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    transactionalId: string,
  },
})
export type TransactionLogKey = ValueOf<typeof TransactionLogKey>

/**
 * The state of its transaction. Times are milliseconds since 1970. `previousProducerId`, `nextProducerId` and
 * `nextProducerEpoch` are -1 where there is none (KIP-890).
 */
export const TransactionLogValue = message({
  key: 0,
  name: 'TransactionLogValue',
  versions: [0, 1],
  flexible: 1,
  fields: {
    producerId: int64,
    previousProducerId: int64.since(1).tagged(0).orElse(-1),
    nextProducerId: int64.since(1).tagged(1).orElse(-1),
    producerEpoch: int16,
    nextProducerEpoch: int16.since(1).tagged(3).orElse(-1),
    transactionTimeoutMs: int32,
    transactionStatus: int8,
    transactionPartitions: nullableArray({
      topic: string,
      partitionIds: array(int32),
    }),
    transactionLastUpdateTimestampMs: int64,
    transactionStartTimestampMs: int64,
    clientTransactionVersion: int16.since(1).tagged(2),
  },
})
export type TransactionLogValue = ValueOf<typeof TransactionLogValue>
