import { int32, int64, message, type ValueOf } from '../schema/index.ts'

/** A broker no longer takes part. Later versions write a BrokerRegistrationChangeRecord instead. */
export const FenceBrokerRecord = message({
  key: 7,
  name: 'FenceBrokerRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: int32,
    epoch: int64,
  },
})
export type FenceBrokerRecord = ValueOf<typeof FenceBrokerRecord>
