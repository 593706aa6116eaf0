import { array, int64, message, string, type ValueOf } from '../schema/index.ts'

/** Members of a consumer group subscribe with a regular expression. */
export const ConsumerGroupRegularExpressionKey = message({
  key: 16,
  name: 'ConsumerGroupRegularExpressionKey',
  versions: [0, 0],
  flexible: undefined,
  fields: {
    groupId: string,
    regularExpression: string,
  },
})
export type ConsumerGroupRegularExpressionKey = ValueOf<typeof ConsumerGroupRegularExpressionKey>

/** The topics that the expression matched: in which version of the metadata, and when, in milliseconds since 1970. */
export const ConsumerGroupRegularExpressionValue = message({
  key: 16,
  name: 'ConsumerGroupRegularExpressionValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topics: array(string),
    version: int64,
    timestamp: int64,
  },
})
export type ConsumerGroupRegularExpressionValue = ValueOf<
  typeof ConsumerGroupRegularExpressionValue
>
