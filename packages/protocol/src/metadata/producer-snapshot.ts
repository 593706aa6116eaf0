import { array, int16, int32, int64, message, uint32, type ValueOf } from '../schema/index.ts'

/** The contents of a `.snapshot` file: what a partition knows of its producers. */
export const ProducerSnapshot = message({
  name: 'ProducerSnapshot',
  versions: [1, 1],
  flexible: undefined,
  fields: {
    crc: uint32,
    producerEntries: array({
      producerId: int64,
      epoch: int16,
      lastSequence: int32,
      lastOffset: int64,
      offsetDelta: int32,
      timestamp: int64,
      coordinatorEpoch: int32,
      currentTxnFirstOffset: int64,
    }),
  },
})
export type ProducerSnapshot = ValueOf<typeof ProducerSnapshot>
