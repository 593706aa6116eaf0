import { describe, expect, it } from 'vitest'
import { askJoin, classicBeat, synced } from '../../../../../support/classic-members.ts'
import {
  beat,
  consumerGroupOf,
  consumerRules,
  consumerShard,
  GROUP,
  heartbeat,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const orders = { topics: ['orders'], userData: new Uint8Array(3000) }

describe('a classic group that would not fit into one record', () => {
  it('stays a consumer group, whose last member of that protocol leaves or expires all the same', () => {
    const shard = consumerShard(image, { ...consumerRules(), maxRecordBytes: 7000 })
    beat(shard, joining('new', ['orders']))
    for (const memberId of ['one', 'two', 'three']) {
      const { generationId } = askJoin(shard, memberId, orders).response()
      synced(shard, memberId, generationId)
    }
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    const group = consumerGroupOf(shard)
    expect([...group.members.keys()]).toEqual(['one', 'two', 'three'])
    expect(classicBeat(shard, 'one', 2)).toBe('REBALANCE_IN_PROGRESS')
    const { generationId } = askJoin(shard, 'one', orders).response()
    expect(generationId).toBe(group.groupEpoch)
  })

  it('becomes one as soon as it does', () => {
    const shard = consumerShard(image, { ...consumerRules(), maxRecordBytes: 7000 })
    beat(shard, joining('new', ['orders']))
    for (const memberId of ['one', 'two']) {
      const { generationId } = askJoin(shard, memberId, orders).response()
      synced(shard, memberId, generationId)
    }
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    expect(shard.state.groups.get(GROUP)?.kind).toBe('classic')
  })
})
