import { errorName } from '@varve/protocol'
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
  it('answers a member that asked twice once it is where it shall be, and its older request at once', () => {
    const shard = consumerShard(imageWith(...newTopic('orders', 3)))
    shard.holdsResultOf = key => key.endsWith('consumer-assignment')
    const [older, newer] = [1, 2].map(() => askHeartbeat(shard, joining('a', ['orders'])))
    expect(errorName(older?.response().errorCode ?? 0)).toBe('COORDINATOR_LOAD_IN_PROGRESS')
    shard.releaseResults()
    expect(newer?.response()).toMatchObject({ errorCode: 0, memberEpoch: 1 })
    expect(named(newer?.response().assignment?.topicPartitions)).toEqual(orders)
    expect(consumerGroupOf(shard).members.get('a')?.state).toBe('STABLE')
  })

  it('believes no request from before what a member was given by another: it may own that now (G1)', () => {
    const shard = consumerShard(imageWith(...newTopic('orders', 2)))
    shard.holdsResultOf = key => key.endsWith('consumer-assignment')
    askHeartbeat(shard, joining('a', ['orders']))
    // The targets are there, but who waits is only now about to be answered; meanwhile the client has asked again.
    shard.holdsResultOf = key => key.endsWith('consumer-settle')
    shard.releaseResults()
    const again = askHeartbeat(shard, joining('a', ['orders']))
    expect(named(again.response().assignment?.topicPartitions)).toHaveLength(2)
    shard.holdsResultOf = () => false
    askHeartbeat(shard, joining('b', ['orders']))
    shard.releaseResults()
    const { assigned, pendingRevocation } = consumerGroupOf(shard).members.get('a') ?? {}
    expect(
      [...(assigned?.values() ?? []), ...(pendingRevocation?.values() ?? [])].flat(),
    ).toHaveLength(2)
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
