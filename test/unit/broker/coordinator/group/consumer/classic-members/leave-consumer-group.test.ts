import { type ErrorName, errorName, type LeaveGroupResponse } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { leaveGroupToConsumerGroup } from '../../../../../../../packages/broker/src/coordinator/group/consumer/classic-members/leave-consumer-group.ts'
import { askJoin } from '../../../../../../support/classic-members.ts'
import {
  beat,
  type ConsumerShard,
  consumerGroupOf,
  consumerShard,
  GROUP,
  heartbeat,
  joining,
} from '../../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const orders = { topics: ['orders'] }

interface Leaver {
  readonly memberId: string
  readonly instanceId?: string
}

function leave(
  shard: ConsumerShard,
  leavers: readonly Leaver[],
  { apiVersion = 5, groupId = GROUP } = {},
): { readonly error: ErrorName; readonly errors: readonly ErrorName[] } {
  const members = leavers.map(({ memberId, instanceId = null }) => ({
    memberId,
    groupInstanceId: instanceId,
    reason: null,
  }))
  const memberId = leavers[0]?.memberId ?? ''
  const request =
    apiVersion < 3 ? { groupId, memberId, members: [] } : { groupId, memberId: '', members }
  const caller = { apiVersion, clientId: '', clientHost: '', freshId: '' }
  const told = shard
    .ask<LeaveGroupResponse>((state, ticket, moment) =>
      leaveGroupToConsumerGroup(state, { ...caller, request, ticket }, moment),
    )
    .response()
  return {
    error: errorName(told.errorCode),
    errors: told.members.map(({ errorCode }) => errorName(errorCode)),
  }
}

function mixed(): ConsumerShard {
  const shard = consumerShard(image)
  beat(shard, joining('new', ['orders']))
  beat(shard, joining('static', ['orders'], { instanceId: 'i' }))
  askJoin(shard, 'old', orders)
  askJoin(shard, 'older', orders)
  return shard
}
const idsOf = (shard: ConsumerShard) => [...consumerGroupOf(shard).members.keys()]

describe('leaving a consumer group by LeaveGroup', () => {
  it('takes out those who are there in one epoch, and answers for each', () => {
    const shard = mixed()
    const { groupEpoch } = consumerGroupOf(shard)
    const leavers = ['old', 'nobody', 'older'].map(memberId => ({ memberId }))
    expect(leave(shard, leavers)).toEqual({
      error: 'NONE',
      errors: ['NONE', 'UNKNOWN_MEMBER_ID', 'NONE'],
    })
    expect(idsOf(shard)).toEqual(['new', 'static'])
    expect(consumerGroupOf(shard).groupEpoch).toBe(groupEpoch + 1)
  })

  it('takes out a member that is named twice once', () => {
    const shard = mixed()
    const { groupEpoch } = consumerGroupOf(shard)
    const twice = [{ memberId: 'old' }, { memberId: 'old' }]
    expect(leave(shard, twice).errors).toEqual(['NONE', 'NONE'])
    expect(consumerGroupOf(shard).groupEpoch).toBe(groupEpoch + 1)
  })

  it('lets an administrator take out an instance, whatever its member id and its protocol', () => {
    const shard = mixed()
    expect(leave(shard, [{ memberId: '', instanceId: 'i' }]).errors).toEqual(['NONE'])
    expect(idsOf(shard)).toEqual(['new', 'old', 'older'])
  })

  it('hands the partitions of who left to the others', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders']))
    leave(shard, [{ memberId: 'a' }])
    const { assignment } = beat(shard, heartbeat({ memberId: 'b', memberEpoch: 2 }))
    expect(assignment?.topicPartitions[0]?.partitions).toEqual([0, 1, 2, 3])
  })

  it.each<[string, Leaver, ErrorName]>([
    ['an instance that nobody is', { memberId: '', instanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    ['a member without a name', { memberId: '' }, 'UNKNOWN_MEMBER_ID'],
    ['an instance that another is now', { memberId: 'x', instanceId: 'i' }, 'FENCED_INSTANCE_ID'],
  ])('refuses %s, and writes nothing', (_title, leaver, error) => {
    const shard = mixed()
    const records = shard.records.length
    expect(leave(shard, [leaver]).errors).toEqual([error])
    expect(shard.records).toHaveLength(records)
  })

  it('that names nobody changes nothing', () => {
    const shard = mixed()
    expect(leave(shard, [])).toEqual({ error: 'NONE', errors: [] })
    expect(idsOf(shard)).toHaveLength(4)
  })

  it.each([0, 2])('of version %i answers for the one member of the request', apiVersion => {
    const shard = mixed()
    const say = (memberId: string) => leave(shard, [{ memberId }], { apiVersion })
    expect(say('old')).toEqual({ error: 'NONE', errors: [] })
    expect(say('old')).toEqual({ error: 'UNKNOWN_MEMBER_ID', errors: [] })
  })

  it('finds nobody in a group that is not there', () => {
    const shard = consumerShard(image)
    expect(leave(shard, [{ memberId: 'a' }], { groupId: 'gone' }).errors).toEqual([
      'UNKNOWN_MEMBER_ID',
    ])
  })
})
