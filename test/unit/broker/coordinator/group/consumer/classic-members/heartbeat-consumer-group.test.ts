import { describe, expect, it } from 'vitest'
import { currentAssignmentRecord } from '../../../../../../../packages/broker/src/coordinator/group/consumer/consumer-records.ts'
import { askJoin, classicBeat, synced } from '../../../../../../support/classic-members.ts'
import {
  beat,
  consumerGroupOf,
  consumerShard,
  GROUP,
  hardState,
  heartbeat,
  joining,
} from '../../../../../../support/consumer-shard.ts'
import { imageWith, newTopic, topicIdOf } from '../../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const orders = { topics: ['orders'] }
const owned = (partitions: number[]) => [{ topicId: topicIdOf('orders'), partitions }]

/** A group of a consumer that has everything, and a classic member that waits for its share. */
function mixed(timeouts: object = {}) {
  const shard = consumerShard(image)
  beat(shard, joining('new', ['orders']))
  askJoin(shard, 'old', orders, timeouts)
  expect(synced(shard, 'old', 2)).toEqual([])
  return shard
}

describe('a heartbeat of a classic member of a consumer group', () => {
  it('tells it to join again once others have given up what it shall get (G1)', () => {
    const shard = mixed()
    expect(classicBeat(shard, 'old', 2)).toBe('NONE')

    const kept = beat(shard, heartbeat({ memberId: 'new', memberEpoch: 1 })).assignment
    const partitions = [...(kept?.topicPartitions[0]?.partitions ?? [])]
    expect(classicBeat(shard, 'old', 2)).toBe('NONE')
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: 1, topicPartitions: owned(partitions) }))
    expect(classicBeat(shard, 'old', 2)).toBe('REBALANCE_IN_PROGRESS')

    expect(askJoin(shard, 'old', orders).response().generationId).toBe(2)
    const rest = [0, 1, 2, 3].filter(one => !partitions.includes(one)).map(one => `orders-${one}`)
    expect(synced(shard, 'old', 2)).toEqual(rest)
    expect(classicBeat(shard, 'old', 2)).toBe('NONE')
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  })

  it('tells it to join again when the group has moved on', () => {
    const shard = mixed()
    beat(shard, joining('third', ['orders']))
    expect(classicBeat(shard, 'old', 2)).toBe('REBALANCE_IN_PROGRESS')
  })

  it('tells it to join again while it has something to give up', () => {
    const shard = consumerShard(image)
    beat(shard, joining('new', ['orders']))
    askJoin(shard, 'old', orders)
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    // The group is a classic one now; who joins makes it a consumer group again.
    beat(shard, joining('newer', ['orders']))
    const epoch = consumerGroupOf(shard).members.get('old')?.memberEpoch ?? 0
    expect(classicBeat(shard, 'old', epoch)).toBe('REBALANCE_IN_PROGRESS')
  })

  it('tells it to join again while the log says that it has something to give up, at whatever epoch', () => {
    const shard = mixed()
    const member = consumerGroupOf(shard).members.get('old')
    if (member === undefined) throw new Error('old did not join')
    const foreign = { ...member, state: 'UNREVOKED_PARTITIONS' as const }
    shard.take({ changes: [currentAssignmentRecord(GROUP, foreign)] })
    expect(classicBeat(shard, 'old', 2)).toBe('REBALANCE_IN_PROGRESS')
  })

  it('is refused at another generation, and to who speaks the consumer protocol or nobody knows', () => {
    const shard = mixed()
    expect(classicBeat(shard, 'old', 1)).toBe('ILLEGAL_GENERATION')
    expect(classicBeat(shard, 'new', 1)).toBe('UNKNOWN_MEMBER_ID')
    expect(classicBeat(shard, 'nobody', 2)).toBe('UNKNOWN_MEMBER_ID')
  })

  it('keeps the member for its own session timeout, also when it is told to join again', () => {
    const shard = mixed({ sessionTimeoutMs: 20_000 })
    shard.advance(19_999)
    expect(classicBeat(shard, 'old', 2)).toBe('NONE')
    beat(shard, joining('third', ['orders']))
    shard.advance(19_999)
    expect(classicBeat(shard, 'old', 2)).toBe('REBALANCE_IN_PROGRESS')
    shard.advance(19_999)
    expect(consumerGroupOf(shard).members.has('old')).toBe(true)
    shard.advance(1)
    expect(consumerGroupOf(shard).members.has('old')).toBe(false)
  })

  it('that is refused does not keep the member', () => {
    const shard = mixed({ sessionTimeoutMs: 20_000 })
    shard.advance(19_999)
    classicBeat(shard, 'old', 1)
    shard.advance(1)
    expect(consumerGroupOf(shard).members.has('old')).toBe(false)
  })

  it('does not prolong the time that it has to join again', () => {
    const shard = mixed({ sessionTimeoutMs: 600_000, rebalanceTimeoutMs: 20_000 })
    beat(shard, joining('third', ['orders']))
    expect(classicBeat(shard, 'old', 2)).toBe('REBALANCE_IN_PROGRESS')
    shard.advance(10_000)
    expect(classicBeat(shard, 'old', 2)).toBe('REBALANCE_IN_PROGRESS')
    shard.advance(10_000)
    expect(classicBeat(shard, 'old', 2)).toBe('UNKNOWN_MEMBER_ID')
  })

  it('is good after a restart, of which the member learns nothing', () => {
    const shard = mixed()
    shard.restart()
    expect(classicBeat(shard, 'old', 2)).toBe('NONE')
  })
})
