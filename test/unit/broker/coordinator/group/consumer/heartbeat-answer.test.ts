import { errorCode } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  acceptedHeartbeat,
  goneHeartbeat,
  isRefusal,
  refusedHeartbeat,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/heartbeat-answer.ts'
import { consumerRules, consumerShard, GROUP } from '../../../../../support/consumer-shard.ts'
import { imageWith } from '../../../../../support/metadata-image.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../support/pure-consumer-group.ts'

const member = consumerMember('a', {
  memberEpoch: 4,
  assigned: partitions({ t: [0, 1] }),
  pendingRevocation: partitions({ t: [2] }),
})
const rules = consumerRules({ heartbeatIntervalMsOf: groupId => groupId.length })
const { moment } = consumerShard(imageWith(), rules)

describe('the answer to a heartbeat', () => {
  it('tells the epoch, the interval of the group, and what the member may hold', () => {
    expect(acceptedHeartbeat(GROUP, member, { assignment: 'told', moment })).toMatchObject({
      ...{ errorCode: 0, errorMessage: null, memberId: 'a', memberEpoch: 4 },
      heartbeatIntervalMs: GROUP.length,
      assignment: { topicPartitions: [{ topicId: 't', partitions: [0, 1] }] },
    })
  })

  it('tells a member that may hold nothing so, which is not the same as nothing new', () => {
    const empty = consumerMember('b')
    const told = (assignment: 'told' | 'left out') =>
      acceptedHeartbeat(GROUP, empty, { assignment, moment }).assignment
    expect(told('told')).toEqual({ topicPartitions: [] })
    expect(told('left out')).toBeNull()
  })

  it('that refuses says why, and names no epoch to go on with', () => {
    const refusal = { error: 'FENCED_MEMBER_EPOCH', message: 'Begin anew.' } as const
    expect(refusedHeartbeat(refusal)).toMatchObject({
      errorCode: errorCode('FENCED_MEMBER_EPOCH'),
      errorMessage: 'Begin anew.',
      ...{ memberId: null, memberEpoch: 0, assignment: null },
    })
  })

  it('to who leaves repeats for how long', () => {
    expect(goneHeartbeat('a', -2)).toMatchObject({
      ...{ errorCode: 0, memberId: 'a', memberEpoch: -2, assignment: null },
    })
  })
})

it('a refusal is told from a member and from a group', () => {
  expect(isRefusal({ error: 'UNKNOWN_MEMBER_ID', message: '' })).toBe(true)
  expect([member, consumerGroupWith(member)].map(isRefusal)).toEqual([false, false])
})
