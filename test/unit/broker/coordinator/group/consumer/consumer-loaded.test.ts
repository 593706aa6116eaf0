import { describe, expect, it } from 'vitest'
import {
  beat,
  consumerGroupOf,
  consumerShard,
  heartbeat,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 2))

/** Member `a` has to give up a partition within a second. */
function revoking() {
  const shard = consumerShard(image)
  const a = { memberId: 'a', instanceId: 'i' }
  beat(shard, joining('a', ['orders'], { ...a, rebalanceTimeoutMs: 1000 }))
  beat(shard, joining('b', ['orders']))
  beat(shard, heartbeat({ ...a, memberEpoch: 1 }))
  expect(consumerGroupOf(shard).members.get('a')?.state).toBe('UNREVOKED_PARTITIONS')
  return { shard, a }
}

describe('after a restart', () => {
  it('a member that was giving up partitions has its rebalance timeout for it again', () => {
    const { shard } = revoking()
    shard.advance(900)
    shard.restart()
    shard.advance(999)
    expect(consumerGroupOf(shard).members.has('a')).toBe(true)
    shard.advance(1)
    expect(consumerGroupOf(shard).members.has('a')).toBe(false)
  })

  it('a static member that is away has its session, whatever it was doing when it went', () => {
    const { shard, a } = revoking()
    beat(shard, heartbeat({ ...a, memberEpoch: -2 }))
    shard.restart()
    shard.advance(44_999)
    expect(consumerGroupOf(shard).members.has('a')).toBe(true)
    shard.advance(1)
    expect(consumerGroupOf(shard).members.has('a')).toBe(false)
  })
})
