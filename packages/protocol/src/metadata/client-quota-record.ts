import {
  array,
  boolean,
  float64,
  message,
  nullableString,
  string,
  type ValueOf,
} from '../schema/index.ts'

/** A quota of a client was set or removed (KIP-546). */
export const ClientQuotaRecord = message({
  key: 14,
  name: 'ClientQuotaRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    entity: array({
      entityType: string,
      entityName: nullableString,
    }),
    key: string,
    value: float64,
    remove: boolean,
  },
})
export type ClientQuotaRecord = ValueOf<typeof ClientQuotaRecord>
