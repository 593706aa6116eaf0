import { message, nullableString, type ValueOf } from '../schema/index.ts'

/** The records since the last BeginTransactionRecord are void (KIP-868). */
export const AbortTransactionRecord = message({
  key: 25,
  name: 'AbortTransactionRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    reason: nullableString.tagged(0).orElse(null),
  },
})
export type AbortTransactionRecord = ValueOf<typeof AbortTransactionRecord>
