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
  uuid,
} from '../schema/index.ts'

/** Creates topics. */
export const CreateTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexible: 5,
  request: {
    topics: array({
      name: string,
      numPartitions: int32,
      replicationFactor: int16,
      assignments: array({
        partitionIndex: int32,
        brokerIds: array(int32),
      }),
      configs: array({
        name: string,
        value: nullableString,
      }),
    }),
    timeoutMs: int32.orElse(60_000),
    validateOnly: boolean,
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    topics: array({
      name: string,
      topicId: uuid.since(7).ignorable(),
      errorCode: int16,
      errorMessage: nullableString,
      topicConfigErrorCode: int16.since(5).tagged(0).ignorable(),
      numPartitions: int32.since(5).orElse(-1).ignorable(),
      replicationFactor: int16.since(5).orElse(-1).ignorable(),
      configs: nullableArray({
        name: string,
        value: nullableString,
        readOnly: boolean,
        configSource: int8.orElse(-1),
        isSensitive: boolean,
      })
        .since(5)
        .ignorable(),
    }),
  },
})
export type CreateTopicsRequest = RequestOf<typeof CreateTopics>
export type CreateTopicsResponse = ResponseOf<typeof CreateTopics>
