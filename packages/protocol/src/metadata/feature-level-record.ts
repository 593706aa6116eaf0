import { int16, message, string, type ValueOf } from '../schema/index.ts'

/** A feature of the cluster was finalized at a level; level 0 removes it. */
export const FeatureLevelRecord = message({
  key: 12,
  name: 'FeatureLevelRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: string,
    featureLevel: int16,
  },
})
export type FeatureLevelRecord = ValueOf<typeof FeatureLevelRecord>
