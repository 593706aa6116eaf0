import {
  type KeyedRecord,
  KeyedRecordCodec,
  type KeyedRecordInput,
  type KeyedRecordTables,
} from '../schema/keyed-records.ts'
import { TransactionLogKey, TransactionLogValue } from './transaction-log.ts'

/** The kinds of records of `__transaction_state`, by name. */
export const transactionRecords = {
  TransactionLog: { key: TransactionLogKey, value: TransactionLogValue, valueVersion: 1 },
} as const satisfies KeyedRecordTables

/** A record of `__transaction_state` as it is read. A value of null takes back what the key names. */
export type TransactionRecord = KeyedRecord<typeof transactionRecords>
/** A record of `__transaction_state` to write. */
export type TransactionRecordInput = KeyedRecordInput<typeof transactionRecords>

/** Reads and writes the records of `__transaction_state`. */
export const transactionRecordCodec = new KeyedRecordCodec(transactionRecords)
