import { message, type ValueOf } from '../schema/index.ts'

/** The records since the last BeginTransactionRecord hold (KIP-868). */
export const EndTransactionRecord = message({
  key: 24,
  name: 'EndTransactionRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {},
})
export type EndTransactionRecord = ValueOf<typeof EndTransactionRecord>
