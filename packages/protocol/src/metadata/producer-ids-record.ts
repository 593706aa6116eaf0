import { int32, int64, message, type ValueOf } from '../schema/index.ts'

/** A block of producer ids was given out. */
export const ProducerIdsRecord = message({
  key: 15,
  name: 'ProducerIdsRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    brokerId: int32,
    brokerEpoch: int64.orElse(-1),
    nextProducerId: int64,
  },
})
export type ProducerIdsRecord = ValueOf<typeof ProducerIdsRecord>
