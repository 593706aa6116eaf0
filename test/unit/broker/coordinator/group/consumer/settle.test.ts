import { describe, expect, it } from 'vitest'
import {
  askHeartbeat,
  beat,
  consumerGroupOf,
  consumerShard,
  heartbeat,
  joining,
  named,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const orders = ['orders-0', 'orders-1', 'orders-2']

describe('answering those who wait', () => {
  it('gives a member that asked twice the same both times, and keeps what it gave (G1)', () => {
    const shard = consumerShard(imageWith(...newTopic('orders', 3)))
    shard.holdsResultOf = key => key.endsWith('consumer-assignment')
    const asked = [1, 2].map(() => askHeartbeat(shard, joining('a', ['orders'])))
    shard.releaseResults()
    for (const each of asked) {
      expect(each.response()).toMatchObject({ errorCode: 0, memberEpoch: 1 })
      expect(named(each.response().assignment?.topicPartitions)).toEqual(orders)
    }
    expect(consumerGroupOf(shard).members.get('a')?.state).toBe('STABLE')
  })

  it('gets to everybody, however many wait', () => {
    const shard = consumerShard(imageWith(...newTopic('orders', 3)))
    shard.holdsResultOf = key => key.endsWith('consumer-assignment')
    const ids = Array.from({ length: 150 }, (_, place) => `m${place}`)
    const asked = ids.flatMap(id => [1, 2].map(() => askHeartbeat(shard, joining(id, ['orders']))))
    shard.holdsResultOf = () => false
    shard.releaseResults()
    expect(asked.every(each => each.isAnswered())).toBe(true)
    const epoch = consumerGroupOf(shard).groupEpoch
    const got = ids.flatMap(memberId => {
      const memberEpoch = consumerGroupOf(shard).members.get(memberId)?.memberEpoch ?? 0
      const rest = heartbeat({ memberId, memberEpoch, topicPartitions: [] })
      expect(beat(shard, rest).memberEpoch).toBe(epoch)
      return [...(consumerGroupOf(shard).members.get(memberId)?.assigned.values() ?? [])].flat()
    })
    expect(new Set(got).size).toBe(got.length)
  })
})
