import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { memberRecord } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-records.ts'
import { consumerGroupSubscribes } from '../../../../../../packages/broker/src/coordinator/group/consumer/subscribed-topics.ts'
import {
  askHeartbeat,
  beat,
  type ConsumerShard,
  consumerGroupOf,
  consumerRules,
  consumerShard,
  GROUP,
  hardState,
  heartbeat,
  joining,
  named,
} from '../../../../../support/consumer-shard.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 1), ...newTopic('users', 1))
const subscribing = (memberId: string, subscribedTopicRegex: string) =>
  joining(memberId, [], { subscribedTopicNames: null, subscribedTopicRegex })
const epochOf = (shard: ConsumerShard, memberId: string): number =>
  consumerGroupOf(shard).members.get(memberId)?.memberEpoch ?? 0

describe('a regular expression', () => {
  it('is resolved before who joins with it is answered', () => {
    const shard = consumerShard(image)
    shard.holdsResultOf = key => key.endsWith('consumer-patterns')
    const asked = askHeartbeat(shard, subscribing('a', 'o.*'))
    expect(asked.isAnswered()).toBe(false)
    shard.releaseResults()
    expect(named(asked.response().assignment?.topicPartitions)).toEqual(['orders-0'])
  })

  it('subscribes the group to what it matched', () => {
    const shard = consumerShard(image)
    beat(shard, subscribing('a', 'o.*'))
    const group = consumerGroupOf(shard)
    const found = ['orders', 'users'].map(name => consumerGroupSubscribes(group, name))
    expect(found).toEqual([true, false])
  })

  it('is forgotten with the last member that used it', () => {
    const shard = consumerShard(image)
    beat(shard, subscribing('a', 'o.*'))
    beat(shard, subscribing('b', 'o.*'))
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: -1 }))
    expect([...consumerGroupOf(shard).patterns.keys()]).toEqual(['o.*'])
    shard.advance(1000)
    const other = heartbeat({ memberId: 'b', memberEpoch: epochOf(shard, 'b') })
    beat(shard, { ...other, subscribedTopicRegex: 'u.*' })
    expect([...consumerGroupOf(shard).patterns.keys()]).toEqual(['u.*'])
    beat(shard, heartbeat({ memberId: 'b', memberEpoch: -1 }))
    expect(consumerGroupOf(shard).patterns.size).toBe(0)
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  })

  it('matches anew after the refresh interval, with what the caller may describe by then', () => {
    const regexRefreshIntervalMs = 20_000
    const shard = consumerShard(image, consumerRules({ regexRefreshIntervalMs }))
    beat(shard, subscribing('a', '.*'), { mayDescribe: name => name === 'orders' })
    const again = (): string[] => {
      const one = () => heartbeat({ memberId: 'a', memberEpoch: epochOf(shard, 'a') })
      beat(shard, one())
      return named(beat(shard, one()).assignment?.topicPartitions)
    }
    shard.advance(20_000)
    again()
    expect([...(consumerGroupOf(shard).patterns.get('.*')?.topics ?? [])]).toEqual(['orders'])
    shard.advance(1)
    expect(again()).toEqual(['orders-0', 'users-0'])
  })

  it('that is new is resolved alone, and however many come, the others when they are due', () => {
    const regexRefreshIntervalMs = 20_000
    const shard = consumerShard(image, consumerRules({ regexRefreshIntervalMs }))
    beat(shard, subscribing('a', '.*'), { mayDescribe: name => name === 'orders' })
    const topicsOf = (expression: string): string[] =>
      [...(consumerGroupOf(shard).patterns.get(expression)?.topics ?? [])].sort()
    for (let second = 1; second <= 20; second++) {
      shard.advance(1_000)
      beat(shard, subscribing(`b${second}`, `u.*|${second}`))
      expect(topicsOf(`u.*|${second}`)).toEqual(['users'])
    }
    expect(topicsOf('.*')).toEqual(['orders'])
    shard.advance(1_000)
    beat(shard, subscribing('b21', 'u.*|21'))
    expect(topicsOf('.*')).toEqual(['orders', 'users'])
  })

  it('is looked at again after a restart', () => {
    const shard = consumerShard(image)
    beat(shard, subscribing('a', '.*'))
    shard.image = imageWith(...newTopic('orders', 1), ...newTopic('events', 1))
    shard.restart()
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 2 }))
    const topics = consumerGroupOf(shard).patterns.get('.*')?.topics ?? []
    expect([...topics].sort()).toEqual(['events', 'orders'])
  })

  it('takes nothing from its member while a new one waits for its turn', () => {
    const shard = consumerShard(image)
    const first = beat(shard, subscribing('a', 'o.*'))
    const { groupEpoch } = consumerGroupOf(shard)
    const other = heartbeat({ memberId: 'a', memberEpoch: first.memberEpoch })
    shard.advance(500)
    const soon = beat(shard, { ...other, subscribedTopicRegex: '[ou].*' })
    expect(soon).toMatchObject({ errorCode: 0, memberEpoch: first.memberEpoch, assignment: null })
    expect(consumerGroupOf(shard).groupEpoch).toBe(groupEpoch)
    shard.advance(500)
    const later = beat(shard, other)
    expect(named(later.assignment?.topicPartitions)).toEqual(['orders-0', 'users-0'])
  })

  it('keeps what it matched before when what it matches now is more than a record takes', () => {
    const rules = { ...consumerRules(), maxRecordBytes: 1_000 }
    const shard = consumerShard(image, rules)
    beat(shard, subscribing('a', '.*'))
    const many = Array.from({ length: 100 }, (_, place) => newTopic(`topic-number-${place}`, 1))
    shard.changeImage(imageWith(...newTopic('orders', 1), ...newTopic('users', 1), ...many.flat()))
    shard.advance(10_000)
    const { memberEpoch } = beat(shard, heartbeat({ memberId: 'a', memberEpoch: 2 }))
    expect(memberEpoch).toBe(2)
    const { patterns, soft } = consumerGroupOf(shard)
    expect([...(patterns.get('.*')?.topics ?? [])].sort()).toEqual(['orders', 'users'])
    expect(soft.isResolving).toBe(false)
    shard.advance(1000)
    const refused = beat(shard, subscribing('b', '.+'))
    expect(errorName(refused.errorCode)).toBe('INVALID_REGULAR_EXPRESSION')
    expect(soft.waiting.size).toBe(0)
  })

  it('that is none matches nothing, should a log have one', () => {
    const shard = consumerShard(image)
    beat(shard, subscribing('a', 'o.*'))
    const member = consumerGroupOf(shard).members.get('a')
    if (member === undefined) throw new Error('a did not join')
    const foreign = memberRecord(GROUP, { ...member, subscribedTopicRegex: '(' })
    shard.take({ changes: [foreign] })
    shard.restart()
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 2 }))
    expect(consumerGroupOf(shard).patterns.get('(')?.topics.size).toBe(0)
    expect(consumerGroupOf(shard).soft.isResolving).toBe(false)
  })
})
