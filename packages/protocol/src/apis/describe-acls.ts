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

/** Finds access control entries (KIP-140). */
export const DescribeAcls = api({
  key: 29,
  name: 'DescribeAcls',
  versions: [1, 3],
  flexible: 2,
  request: aclFilter,
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    errorMessage: nullableString,
    resources: array({
      resourceType: int8,
      resourceName: string,
      patternType: int8.orElse(3),
      acls: array({
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
})
export type DescribeAclsRequest = RequestOf<typeof DescribeAcls>
export type DescribeAclsResponse = ResponseOf<typeof DescribeAcls>
