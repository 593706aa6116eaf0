import { int32, int64, message, type ValueOf } from '../schema/index.ts'

/** A broker is gone for good. */
export const UnregisterBrokerRecord = message({
  key: 1,
  name: 'UnregisterBrokerRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    brokerId: int32,
    brokerEpoch: int64,
  },
})
export type UnregisterBrokerRecord = ValueOf<typeof UnregisterBrokerRecord>
