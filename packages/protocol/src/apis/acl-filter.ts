import { int8, nullableString } from '../schema/index.ts'

/** Which access control entries are meant; a null matches any (KIP-140, KIP-290). */
export const aclFilter = {
  resourceTypeFilter: int8,
  resourceNameFilter: nullableString,
  patternTypeFilter: int8.orElse(3),
  principalFilter: nullableString,
  hostFilter: nullableString,
  operation: int8,
  permissionType: int8,
}
