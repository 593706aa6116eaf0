import {
  api,
  array,
  boolean,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
} from '../schema/index.ts'

/** Describes the settings of topics and brokers, where their values come from and what they mean. */
export const DescribeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexible: 4,
  request: {
    resources: array({
      resourceType: int8,
      resourceName: string,
      configurationKeys: nullableArray(string),
    }),
    includeSynonyms: boolean,
    includeDocumentation: boolean.since(3),
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    results: array({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
        value: nullableString,
        readOnly: boolean,
        configSource: int8.orElse(-1),
        isSensitive: boolean,
        synonyms: array({
          name: string,
          value: nullableString,
          source: int8,
        }),
        configType: int8.since(3).ignorable(),
        documentation: nullableString.since(3).ignorable(),
      }),
    }),
  },
})
export type DescribeConfigsRequest = RequestOf<typeof DescribeConfigs>
export type DescribeConfigsResponse = ResponseOf<typeof DescribeConfigs>
