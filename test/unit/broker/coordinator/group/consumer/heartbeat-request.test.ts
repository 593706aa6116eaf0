import { errorName } from '@varve/protocol'
import { expect, it } from 'vitest'
import { MAX_SUBSCRIBED_TOPICS } from '../../../../../../packages/broker/src/coordinator/group/consumer/heartbeat-request.ts'
import { beat, consumerShard, joining } from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 2))
const long = 'x'.repeat(40_000)
const topics = Array.from({ length: MAX_SUBSCRIBED_TOPICS + 1 }, (_, place) => `t${place}`)

it.each([
  ['a group id', joining('a', ['orders'], { groupId: long })],
  ['a member id', joining(long, ['orders'])],
  ['an instance id', joining('a', ['orders'], { instanceId: long })],
  ['a rack', joining('a', ['orders'], { rackId: long })],
  ['a list of topics', joining('a', topics)],
])('refuses %s that is too long for the log, and keeps nothing of it', (_, request) => {
  const shard = consumerShard(image)
  expect(errorName(beat(shard, request).errorCode)).toBe('INVALID_REQUEST')
  expect([shard.records.length, shard.state.groups.size, shard.timers.size]).toEqual([0, 0, 0])
})
