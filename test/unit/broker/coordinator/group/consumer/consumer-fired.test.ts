import { describe, expect, it } from 'vitest'
import type { ConsumerEvent } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-event.ts'
import { consumerFired } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-fired.ts'
import {
  beat,
  consumerGroupOf,
  consumerShard,
  GROUP,
  heartbeat,
  joining,
  named,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const groupId = GROUP

describe('a deadline of a member', () => {
  it('that nobody kept gives its partitions to the others', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders']))
    shard.fire({ type: 'consumer-session-expired', groupId, memberId: 'a' })
    const got = beat(shard, heartbeat({ memberId: 'b', memberEpoch: 2 }))
    expect(named(got.assignment?.topicPartitions)).toHaveLength(4)
  })

  it('for giving up partitions fences only one that is still where it was when it was set', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders']))
    const late = { type: 'consumer-rebalance-expired', groupId, memberId: 'a' } as const
    shard.fire({ ...late, memberEpoch: 1 })
    expect(consumerGroupOf(shard).members.has('a')).toBe(true)
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    shard.fire({ ...late, memberEpoch: 0 })
    expect(consumerGroupOf(shard).members.has('a')).toBe(true)
    shard.fire({ ...late, memberEpoch: 1 })
    expect(consumerGroupOf(shard).members.has('a')).toBe(false)
  })
})

describe('what a timer or a piece of work comes to', () => {
  const member = { groupId, memberId: 'gone' }
  const events: readonly ConsumerEvent[] = [
    { type: 'consumer-session-expired', ...member },
    { type: 'consumer-rebalance-expired', ...member, memberEpoch: 1 },
    { type: 'consumer-targets-computed', groupId, epoch: 1, targets: [] },
    { type: 'consumer-settle', groupId },
    { type: 'consumer-downgrade', groupId },
    { type: 'consumer-patterns-resolved', groupId, what: 'all', resolved: new Map(), revision: 1 },
  ]

  it.each(events)('$type means nothing once the group is gone, or a classic one', event => {
    const { state, moment } = consumerShard(image)
    expect(consumerFired(state, event, moment)).toEqual({})
    state.groups.set(groupId, { kind: 'classic', groupId } as never)
    expect(consumerFired(state, event, moment)).toEqual({})
  })

  it.each(events)('$type writes nothing of a member that is gone', event => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const records = shard.records.length
    shard.fire(event)
    expect(shard.records).toHaveLength(records)
  })
})
