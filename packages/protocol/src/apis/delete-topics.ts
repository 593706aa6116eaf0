import {
  api,
  array,
  int16,
  int32,
  nullableString,
  type RequestOf,
  type ResponseOf,
  string,
  uuid,
} from '../schema/index.ts'

/** Deletes topics, by name or by id. */
export const DeleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexible: 4,
  request: {
    topics: array({
      name: nullableString.orElse(null),
      topicId: uuid,
    }).since(6),
    topicNames: array(string).until(5).ignorable(),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: int32.orElse(0),
    responses: array({
      name: string.nullableSince(6),
      topicId: uuid.since(6).ignorable(),
      errorCode: int16,
      errorMessage: nullableString.since(5).orElse(null).ignorable(),
    }),
  },
})
export type DeleteTopicsRequest = RequestOf<typeof DeleteTopics>
export type DeleteTopicsResponse = ResponseOf<typeof DeleteTopics>
