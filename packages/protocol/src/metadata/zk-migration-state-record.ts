import { int8, message, type ValueOf } from '../schema/index.ts'

/** How far the move from ZooKeeper has come (KIP-866). New logs hold none. */
export const ZkMigrationStateRecord = message({
  key: 21,
  name: 'ZkMigrationStateRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    zkMigrationState: int8,
  },
})
export type ZkMigrationStateRecord = ValueOf<typeof ZkMigrationStateRecord>
