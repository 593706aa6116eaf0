import { errorName, type SyncGroupResponse } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { syncGroupToConsumerGroup } from '../../../../../../../packages/broker/src/coordinator/group/consumer/classic-members/sync-consumer-group.ts'
import { askJoin, classicBeat, synced } from '../../../../../../support/classic-members.ts'
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

/** What the member is told that syncs, as an error name. */
function sync(shard: ConsumerShard, changes: object = {}) {
  const request = {
    ...{ groupId: GROUP, memberId: 'old', generationId: 2, groupInstanceId: null },
    ...{ protocolType: 'consumer', protocolName: 'range', assignments: [] },
    ...changes,
  }
  const caller = { apiVersion: 5, clientId: '', clientHost: '', freshId: '' }
  const asked = shard.ask<SyncGroupResponse>((state, ticket, moment) =>
    syncGroupToConsumerGroup(state, { ...caller, request, ticket }, moment),
  )
  return { ...asked.response(), error: errorName(asked.response().errorCode) }
}

function mixed(timeouts: object = {}): ConsumerShard {
  const shard = consumerShard(image)
  beat(shard, joining('new', ['orders']))
  askJoin(shard, 'old', orders, timeouts)
  return shard
}

describe('SyncGroup of a classic member of a consumer group', () => {
  it('gives it what it may take now, which nobody else has (G1)', () => {
    const shard = mixed()
    expect(synced(shard, 'old', 2)).toEqual([])
    expect(sync(shard)).toMatchObject({ protocolType: 'consumer', protocolName: 'range' })
    beat(shard, joining('third', [], { subscribedTopicNames: [] }))
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    const { generationId } = askJoin(shard, 'old', orders).response()
    expect(synced(shard, 'old', generationId)).toHaveLength(4)
  })

  it.each([
    ['another type', { protocolType: 'connect' }],
    ['another protocol', { protocolName: 'sticky' }],
  ])('is refused under %s', (_title, changes) => {
    expect(sync(mixed(), changes).error).toBe('INCONSISTENT_GROUP_PROTOCOL')
  })

  it('is good without either: before version 5 a member does not say', () => {
    expect(sync(mixed(), { protocolType: null, protocolName: null }).error).toBe('NONE')
  })

  it.each([
    ['another generation', { generationId: 3 }, 'ILLEGAL_GENERATION'],
    ['a member that nobody knows', { memberId: 'x' }, 'UNKNOWN_MEMBER_ID'],
    [
      'a member of the consumer protocol',
      { memberId: 'new', generationId: 1 },
      'UNKNOWN_MEMBER_ID',
    ],
    ['a group that is not there', { groupId: 'gone' }, 'UNKNOWN_MEMBER_ID'],
    ['a name that nobody has', { groupInstanceId: 'x' }, 'UNKNOWN_MEMBER_ID'],
  ])('is refused for %s', (_title, changes, error) => {
    const shard = mixed()
    const { length } = shard.records
    expect(sync(shard, changes).error).toBe(error)
    expect(shard.records).toHaveLength(length)
  })

  it('sends a member back to join when the group has moved on, and waits for it to do so', () => {
    const shard = mixed({ sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 20_000 })
    beat(shard, joining('third', ['orders']))
    expect(sync(shard).error).toBe('REBALANCE_IN_PROGRESS')
    expect(consumerGroupOf(shard).soft.awaitedJoins.has('old')).toBe(true)
    shard.advance(20_000)
    expect(consumerGroupOf(shard).members.has('old')).toBe(false)
  })

  it('in time ends the deadline for it, and keeps the member for its session', () => {
    const shard = mixed({ sessionTimeoutMs: 20_000, rebalanceTimeoutMs: 20_000 })
    shard.advance(19_999)
    expect(sync(shard).error).toBe('NONE')
    shard.advance(19_999)
    expect(classicBeat(shard, 'old', 2)).toBe('NONE')
  })

  it('that comes too late is of nobody', () => {
    const shard = mixed({ sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 20_000 })
    shard.advance(20_000)
    expect(sync(shard).error).toBe('UNKNOWN_MEMBER_ID')
  })
})
