import { message, type ValueOf } from '../schema/index.ts'

/** Says nothing, so that the log moves on. */
export const NoOpRecord = message({
  key: 20,
  name: 'NoOpRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {},
})
export type NoOpRecord = ValueOf<typeof NoOpRecord>
