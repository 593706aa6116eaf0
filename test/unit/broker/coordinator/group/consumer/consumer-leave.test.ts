import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { askJoin } from '../../../../../support/classic-members.ts'
import {
  askHeartbeat,
  beat,
  type ConsumerShard,
  consumerGroupOf,
  consumerShard,
  hardState,
  heartbeat,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const leave = (shard: ConsumerShard, memberId: string, changes: object = {}) =>
  beat(shard, heartbeat({ memberId, memberEpoch: -1, ...changes }))
const errorOf = (...given: Parameters<typeof leave>) => errorName(leave(...given).errorCode)

describe('leaving a consumer group', () => {
  it('is confirmed with the epoch that said so, and leaves nothing of the member', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    expect(leave(shard, 'a')).toMatchObject({ errorCode: 0, memberId: 'a', memberEpoch: -1 })
    expect(consumerGroupOf(shard).members.size).toBe(0)
    expect(consumerGroupOf(shard).targets.size).toBe(0)
    expect(shard.timers.size).toBe(0)
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  })

  it('is refused to who is no member, and in a group that is none', () => {
    const shard = consumerShard(image)
    expect(errorOf(shard, 'a')).toBe('GROUP_ID_NOT_FOUND')
    askJoin(shard, '', { topics: ['orders'] })
    expect(errorOf(shard, 'a')).toBe('GROUP_ID_NOT_FOUND')
    const other = consumerShard(image)
    beat(other, joining('b', ['orders']))
    const records = other.records.length
    expect(errorOf(other, 'a')).toBe('UNKNOWN_MEMBER_ID')
    expect(errorOf(other, 'b', { instanceId: 'i' })).toBe('UNKNOWN_MEMBER_ID')
    expect(other.records).toHaveLength(records)
  })

  it('does not ask for the epoch: a member may go whatever it has heard', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders']))
    expect(errorOf(shard, 'a')).toBe('NONE')
  })

  it('answers a request of the member that still waits', () => {
    const shard = consumerShard(image)
    shard.holdsResultOf = key => key.endsWith('consumer-assignment')
    const waiting = askHeartbeat(shard, joining('a', ['orders']))
    expect(leave(shard, 'a').errorCode).toBe(0)
    expect(errorName(waiting.response().errorCode)).toBe('UNKNOWN_MEMBER_ID')
  })
})

describe('a static member that leaves for a while', () => {
  const instanceId = 'i'
  const groupOfTwo = () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders'], { instanceId }))
    beat(shard, joining('b', ['orders']))
    return shard
  }
  const away = { memberEpoch: -2, instanceId }

  it('keeps what it has, and gives up what it was giving up', () => {
    const shard = groupOfTwo()
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1, instanceId }))
    const before = consumerGroupOf(shard).members.get('a')
    expect(before?.pendingRevocation.size).toBe(1)
    expect(leave(shard, 'a', away)).toMatchObject({ errorCode: 0, memberEpoch: -2 })
    expect(consumerGroupOf(shard).members.get('a')).toMatchObject({
      memberEpoch: -2,
      assigned: before?.assigned,
      pendingRevocation: new Map(),
    })
    expect(consumerGroupOf(shard).groupEpoch).toBe(2)
  })

  it('has its session to come back, not the time that it had for giving up', () => {
    const shard = groupOfTwo()
    const quick = { memberId: 'a', memberEpoch: 1, instanceId, rebalanceTimeoutMs: 10_000 }
    beat(shard, heartbeat(quick))
    leave(shard, 'a', away)
    expect(shard.timers.size).toBe(2)
    shard.advance(44_999)
    expect(consumerGroupOf(shard).members.has('a')).toBe(true)
    shard.advance(1)
    expect(consumerGroupOf(shard).members.has('a')).toBe(false)
  })

  it('answers a request of its own that still waits', () => {
    const shard = consumerShard(image)
    shard.holdsResultOf = key => key.endsWith('consumer-assignment')
    const waiting = askHeartbeat(shard, joining('a', ['orders'], { instanceId }))
    leave(shard, 'a', away)
    expect(errorName(waiting.response().errorCode)).toBe('UNKNOWN_MEMBER_ID')
    expect(consumerGroupOf(shard).soft.waiting.size).toBe(0)
  })

  it('cannot leave in the name of the one that took its place', () => {
    const shard = groupOfTwo()
    leave(shard, 'a', away)
    beat(shard, joining('a again', ['orders'], { instanceId }))
    expect(errorOf(shard, 'a', away)).toBe('FENCED_INSTANCE_ID')
    expect(errorOf(shard, 'a', { instanceId })).toBe('FENCED_INSTANCE_ID')
    expect(consumerGroupOf(shard).members.has('a again')).toBe(true)
  })
})
