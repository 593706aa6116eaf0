import { expect, it } from 'vitest'
import {
  beat,
  consumerGroupOf,
  consumerShard,
  heartbeat,
  joining,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 2))

it('keeps the deadlines of members apart whose names, put together, read alike', () => {
  const shard = consumerShard(image)
  beat(shard, joining('b/consumer-session/c', ['orders'], { groupId: 'a' }))
  beat(shard, joining('c', ['orders'], { groupId: 'a/consumer-session/b' }))
  expect(shard.timers.size).toBe(2)
  beat(shard, heartbeat({ groupId: 'a/consumer-session/b', memberId: 'c', memberEpoch: -1 }))
  shard.advance(45_000)
  expect(consumerGroupOf(shard, 'a').members.size).toBe(0)
})
