import { int32, int64, message, type ValueOf } from '../schema/index.ts'

/** A broker takes part again. Later versions write a BrokerRegistrationChangeRecord instead. */
export const UnfenceBrokerRecord = message({
  key: 8,
  name: 'UnfenceBrokerRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: int32,
    epoch: int64,
  },
})
export type UnfenceBrokerRecord = ValueOf<typeof UnfenceBrokerRecord>
