import { describe, expect, it } from 'vitest'
import {
  expressionOf,
  isReconciledTo,
  type MemberState,
  memberStateOf,
  memberStates,
  newMember,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-member.ts'

describe('the state of a member', () => {
  it('comes back from the number that the log has for it', () => {
    for (const [name, { code }] of Object.entries(memberStates))
      expect(memberStateOf(code)).toBe(name)
  })

  it('that a later version wrote is not known', () => {
    expect([3, 126, -1].map(memberStateOf)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN'])
  })

  it.each<[MemberState, number, boolean]>([
    ['STABLE', 5, true],
    ['STABLE', 4, false],
    ['UNREVOKED_PARTITIONS', 5, false],
    ['UNRELEASED_PARTITIONS', 5, false],
    ['UNKNOWN', 5, false],
  ])('%s at epoch %j is at rest at epoch 5: %j', (state, memberEpoch, isAtRest) => {
    expect(isReconciledTo({ ...newMember('a'), state, memberEpoch }, 5)).toBe(isAtRest)
  })
})

it('a member subscribes with no expression until it has one that is not empty', () => {
  const member = newMember('a')
  const expressions = [null, '', 'o.*'].map(subscribedTopicRegex =>
    expressionOf({ ...member, subscribedTopicRegex }),
  )
  expect(expressions).toEqual([undefined, undefined, 'o.*'])
  expect(expressionOf(member)).toBeUndefined()
})
