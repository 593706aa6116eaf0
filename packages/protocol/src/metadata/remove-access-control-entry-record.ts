import { message, uuid, type ValueOf } from '../schema/index.ts'

/** An access control entry is gone (KIP-801). */
export const RemoveAccessControlEntryRecord = message({
  key: 19,
  name: 'RemoveAccessControlEntryRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: uuid,
  },
})
export type RemoveAccessControlEntryRecord = ValueOf<typeof RemoveAccessControlEntryRecord>
