import { message, nullableString, type ValueOf } from '../schema/index.ts'

/** The records from here to the end of the transaction hold together or not at all (KIP-868). */
export const BeginTransactionRecord = message({
  key: 23,
  name: 'BeginTransactionRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: nullableString.tagged(0).orElse(null),
  },
})
export type BeginTransactionRecord = ValueOf<typeof BeginTransactionRecord>
