import {
  api,
  array,
  boolean,
  int8,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'
import { alteredResource } from './altered-resource.ts'

/** Sets, deletes, appends to and subtracts from single settings. */
export const IncrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexible: 1,
  request: {
    resources: array({
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
        configOperation: int8,
        value: nullableString,
      }),
    }),
    validateOnly: boolean,
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    responses: array(alteredResource),
  },
})
export type IncrementalAlterConfigsRequest = RequestOf<typeof IncrementalAlterConfigs>
export type IncrementalAlterConfigsResponse = ResponseOf<typeof IncrementalAlterConfigs>
