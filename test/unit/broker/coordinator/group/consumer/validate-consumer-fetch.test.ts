import { describe, expect, it } from 'vitest'
import { validateConsumerFetch } from '../../../../../../packages/broker/src/coordinator/group/consumer/validate-consumer-fetch.ts'
import { consumerGroupWith, consumerMember } from '../../../../../support/pure-consumer-group.ts'

const classic = { sessionTimeoutMs: 10_000, protocols: [] }
const group = consumerGroupWith(
  consumerMember('new', { memberEpoch: 3, previousMemberEpoch: 2 }),
  consumerMember('old', { memberEpoch: 3, classic }),
)

describe('offsets of a consumer group', () => {
  it.each([
    [null, -1, 'NONE'],
    [null, 3, 'UNKNOWN_MEMBER_ID'],
    ['', -1, 'UNKNOWN_MEMBER_ID'],
    ['new', -1, 'STALE_MEMBER_EPOCH'],
    ['new', 3, 'NONE'],
    ['new', 2, 'STALE_MEMBER_EPOCH'],
    ['old', 3, 'NONE'],
    ['old', 2, 'ILLEGAL_GENERATION'],
    ['x', 3, 'UNKNOWN_MEMBER_ID'],
  ])('are read by %j at epoch %j: %s', (memberId, memberEpoch, error) => {
    expect(validateConsumerFetch(group, { memberId, memberEpoch })).toBe(error)
  })
})
