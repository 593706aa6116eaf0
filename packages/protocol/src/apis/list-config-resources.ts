import {
  api,
  array,
  int8,
  int16,
  int32,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Lists the resources that have dynamic settings. */
export const ListConfigResources = api({
  key: 74,
  name: 'ListConfigResources',
  versions: [0, 1],
  flexible: 0,
  request: {
    resourceTypes: array(int8).since(1),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    errorCode: int16,
    configResources: array({
      resourceName: string,
      resourceType: int8.since(1).orElse(16).ignorable(),
    }),
  },
})
export type ListConfigResourcesRequest = RequestOf<typeof ListConfigResources>
export type ListConfigResourcesResponse = ResponseOf<typeof ListConfigResources>
