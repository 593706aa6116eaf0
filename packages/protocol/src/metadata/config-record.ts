import { int8, message, nullableString, string, type ValueOf } from '../schema/index.ts'

/** A setting of a resource was set, or deleted when the value is null. */
export const ConfigRecord = message({
  key: 4,
  name: 'ConfigRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    resourceType: int8,
    resourceName: string,
    name: string,
    value: nullableString,
  },
})
export type ConfigRecord = ValueOf<typeof ConfigRecord>
