import { array, int8, int32, int64, message, uuid, type ValueOf } from '../schema/index.ts'

/** Something of a broker's registration changed; what is not given stays as it was. */
export const BrokerRegistrationChangeRecord = message({
  key: 17,
  name: 'BrokerRegistrationChangeRecord',
  versions: [0, 2],
  flexible: 0,
  fields: {
    brokerId: int32,
    brokerEpoch: int64,
    fenced: int8.tagged(0),
    inControlledShutdown: int8.since(1).tagged(1),
    logDirs: array(uuid).since(2).tagged(2),
  },
})
export type BrokerRegistrationChangeRecord = ValueOf<typeof BrokerRegistrationChangeRecord>
