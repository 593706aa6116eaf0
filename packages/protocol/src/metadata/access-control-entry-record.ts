import { int8, message, string, uuid, type ValueOf } from '../schema/index.ts'

/** An access control entry exists (KIP-801). */
export const AccessControlEntryRecord = message({
  key: 18,
  name: 'AccessControlEntryRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: uuid,
    resourceType: int8,
    resourceName: string,
    patternType: int8,
    principal: string,
    host: string,
    operation: int8,
    permissionType: int8,
  },
})
export type AccessControlEntryRecord = ValueOf<typeof AccessControlEntryRecord>
