import { int32, message, type ValueOf } from '../schema/index.ts'

/** The body of the control record that ends a transaction in a partition. */
export const EndTxnMarker = message({
  name: 'EndTxnMarker',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    coordinatorEpoch: int32,
  },
})
export type EndTxnMarker = ValueOf<typeof EndTxnMarker>
