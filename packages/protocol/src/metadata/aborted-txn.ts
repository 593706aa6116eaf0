import { int64, message, type ValueOf } from '../schema/index.ts'

/** An entry of a segment's `.txnindex` file. */
export const AbortedTxn = message({
  name: 'AbortedTxn',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    producerId: int64,
    firstOffset: int64,
    lastOffset: int64,
    lastStableOffset: int64,
  },
})
export type AbortedTxn = ValueOf<typeof AbortedTxn>
