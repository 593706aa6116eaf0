import { expect, it } from 'vitest'
import { coordinatorError } from '../../../../../packages/broker/src/coordinator/runtime/coordinator-error.ts'

it.each([
  ['KAFKA_STORAGE_ERROR', 'NOT_COORDINATOR'],
  ['NOT_LEADER_OR_FOLLOWER', 'NOT_COORDINATOR'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'COORDINATOR_NOT_AVAILABLE'],
  ['THROTTLING_QUOTA_EXCEEDED', 'COORDINATOR_NOT_AVAILABLE'],
  ['MESSAGE_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
  ['RECORD_LIST_TOO_LARGE', 'UNKNOWN_SERVER_ERROR'],
] as const)('says %s of a log to its clients as %s', (error, told) => {
  expect(coordinatorError(error)).toBe(told)
})
