import {
  array,
  boolean,
  int16,
  int32,
  int64,
  message,
  nullableString,
  string,
  uint16,
  uuid,
  type ValueOf,
} from '../schema/index.ts'

/** A broker has started, with the endpoints, features and log directories that it has. */
export const RegisterBrokerRecord = message({
  key: 0,
  name: 'RegisterBrokerRecord',
  versions: [0, 3],
  flexible: 0,
  fields: {
    brokerId: int32,
    isMigratingZkBroker: boolean.since(2),
    incarnationId: uuid,
    brokerEpoch: int64,
    endPoints: array({
      name: string,
      host: string,
      port: uint16,
      securityProtocol: int16,
    }),
    features: array({
      name: string,
      minSupportedVersion: int16,
      maxSupportedVersion: int16,
    }),
    rack: nullableString,
    fenced: boolean.orElse(true),
    inControlledShutdown: boolean.since(1),
    logDirs: array(uuid).since(3).tagged(0),
  },
})
export type RegisterBrokerRecord = ValueOf<typeof RegisterBrokerRecord>
