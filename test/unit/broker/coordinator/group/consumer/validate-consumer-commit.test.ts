import { describe, expect, it } from 'vitest'
import { newConsumerGroup } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-group.ts'
import { newMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-member.ts'
import { putMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/put-member.ts'
import { validateConsumerCommit } from '../../../../../../packages/broker/src/coordinator/group/consumer/validate-consumer-commit.ts'

const empty = newConsumerGroup('billing')
const group = newConsumerGroup('billing')
putMember(group, { ...newMember('new'), memberEpoch: 3, previousMemberEpoch: 2 })
const classic = { sessionTimeoutMs: 10_000, protocols: [] }
putMember(group, { ...newMember('old'), memberEpoch: 3, classic })

const commit = { memberId: 'new', memberEpoch: 3, apiVersion: 9, by: 'OffsetCommit' } as const

describe('a commit to a consumer group (G2)', () => {
  it.each([
    ['from a member at its epoch', group, commit, 'NONE'],
    [
      'from a member at its former epoch',
      group,
      { ...commit, memberEpoch: 2 },
      'STALE_MEMBER_EPOCH',
    ],
    ['from a stranger', group, { ...commit, memberId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['that cannot say the epoch', group, { ...commit, apiVersion: 8 }, 'UNSUPPORTED_VERSION'],
    [
      'from a classic member, of any version',
      group,
      { ...commit, memberId: 'old', apiVersion: 5 },
      'NONE',
    ],
    [
      'from a classic member at another generation',
      group,
      { ...commit, memberId: 'old', memberEpoch: 2 },
      'ILLEGAL_GENERATION',
    ],
    ['from nobody to an empty group', empty, { ...commit, memberId: '', memberEpoch: -1 }, 'NONE'],
    [
      'from nobody to a group with members',
      group,
      { ...commit, memberId: '', memberEpoch: -1 },
      'UNKNOWN_MEMBER_ID',
    ],
    [
      'of a transaction that does not say who it is',
      group,
      { ...commit, memberId: '', memberEpoch: -1, by: 'TxnOffsetCommit' as const },
      'NONE',
    ],
  ] as const)('%s', (_title, to, given, error) => {
    expect(validateConsumerCommit(to, given)).toBe(error)
  })
})
