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

/** Replaces all dynamic settings of topics and brokers. */
export const AlterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexible: 2,
  request: {
    resources: array({
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
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
export type AlterConfigsRequest = RequestOf<typeof AlterConfigs>
export type AlterConfigsResponse = ResponseOf<typeof AlterConfigs>
