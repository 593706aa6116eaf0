import {
  array,
  boolean,
  int16,
  int32,
  message,
  string,
  uint16,
  uuid,
  type ValueOf,
} from '../schema/index.ts'

/** A controller has started, with the endpoints and features that it has (KIP-919). */
export const RegisterControllerRecord = message({
  key: 27,
  name: 'RegisterControllerRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    controllerId: int32,
    incarnationId: uuid,
    zkMigrationReady: boolean,
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
  },
})
export type RegisterControllerRecord = ValueOf<typeof RegisterControllerRecord>
