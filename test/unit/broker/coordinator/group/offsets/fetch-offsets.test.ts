import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { GROUP } from '../../../../../support/classic-shard.ts'
import { beat, joining } from '../../../../../support/consumer-shard.ts'
import { GroupShard } from '../../../../../support/group-shard.ts'
import { imageWith, newTopic, topicIdOf } from '../../../../../support/metadata-image.ts'

describe('fetchOffsets', () => {
  it('answers what was committed, and -1 where nothing was', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-1': 5 }, { leaderEpoch: 2 })
    const { topics } = shard.fetch(GROUP, { places: ['orders-1', 'orders-0', 'none-0'] })
    expect(topics.map(({ name, partitions }) => [name, partitions[0]])).toEqual([
      [
        'orders',
        {
          ...NOTHING,
          partitionIndex: 1,
          committedOffset: 5,
          committedLeaderEpoch: 2,
          metadata: 'm',
        },
      ],
      ['orders', NOTHING],
      ['none', NOTHING],
    ])
  })

  it('has no offsets for a group that is not there, and no error', () => {
    const shard = new GroupShard()
    expect(shard.fetch('nobody')).toEqual({ groupId: 'nobody', topics: [], errorCode: 0 })
    expect(shard.fetch('nobody', { places: ['orders-0'] }).topics[0]?.partitions).toEqual([NOTHING])
  })

  it('says in which topic each offset was committed', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-1': 5 })
    expect(shard.fetch(GROUP).topics[0]?.topicId).toBe(topicIdOf('orders'))
  })

  it('does not answer for a topic that was made anew under the name', () => {
    const shard = new GroupShard()
    shard.commit({ 'orders-1': 5 })
    const anew = newTopic('orders', 3).map(change => ({ ...change, topicId: topicIdOf('anew') }))
    // The broker ended before the tombstones were written.
    shard.image = imageWith(...anew)
    shard.restart()
    expect(shard.fetch(GROUP, { places: ['orders-1'] }).topics[0]?.partitions).toEqual([
      { ...NOTHING, partitionIndex: 1 },
    ])
    expect(shard.committed()).toEqual({})
  })

  it('asks nothing about members of a classic group', () => {
    const shard = new GroupShard()
    shard.stable(1)
    expect(shard.fetch(GROUP, { memberId: 'x', memberEpoch: 9 }).errorCode).toBe(0)
  })

  it('answers members of a consumer group at their epoch, and whoever does not say that it is one', () => {
    const shard = new GroupShard()
    const memberId = 'bWVtYmVyLW9uZS1tZW1iZQ'
    const { memberEpoch } = beat(shard, joining(memberId, ['orders'], { groupId: GROUP }))
    const errors = [
      {},
      { memberId, memberEpoch },
      { memberId, memberEpoch: memberEpoch - 1 },
      { memberId: 'x', memberEpoch },
      { memberId: null, memberEpoch },
    ].map(who => errorName(shard.fetch(GROUP, who).errorCode))
    expect(errors).toEqual([
      'NONE',
      'NONE',
      'STALE_MEMBER_EPOCH',
      'UNKNOWN_MEMBER_ID',
      'UNKNOWN_MEMBER_ID',
    ])
  })
})

const NOTHING = {
  partitionIndex: 0,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: 0,
}
