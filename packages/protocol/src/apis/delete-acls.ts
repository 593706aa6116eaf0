import {
  api,
  array,
  int8,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'
import { aclFilter } from './acl-filter.ts'

/** Deletes the access control entries that filters match (KIP-140). */
export const DeleteAcls = api({
  key: 31,
  name: 'DeleteAcls',
  versions: [1, 3],
  flexible: 2,
  request: {
    filters: array(aclFilter),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    filterResults: array({
      errorCode: int16,
      errorMessage: nullableString,
      matchingAcls: array({
        errorCode: int16,
        errorMessage: nullableString,
        resourceType: int8,
        resourceName: string,
        patternType: int8.orElse(3),
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
})
export type DeleteAclsRequest = RequestOf<typeof DeleteAcls>
export type DeleteAclsResponse = ResponseOf<typeof DeleteAcls>
