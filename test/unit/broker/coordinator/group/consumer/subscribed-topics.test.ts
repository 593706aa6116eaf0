import { describe, expect, it } from 'vitest'
import type { ConsumerMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-member.ts'
import {
  consumerGroupSubscribes,
  currentMetadataHash,
  hasUnresolvedPatterns,
  metadataHashAfter,
  TOPICS_NOT_LOOKED_AT,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/subscribed-topics.ts'
import { imageWith, newTopic } from '../../../../../support/metadata-image.ts'
import { consumerGroupWith, consumerMember } from '../../../../../support/pure-consumer-group.ts'

const reader = (memberId: string, ...subscribedTopicNames: readonly string[]) =>
  consumerMember(memberId, { subscribedTopicNames })
const matcher = (memberId: string, subscribedTopicRegex: string) =>
  consumerMember(memberId, { subscribedTopicRegex })
const matched = (...topics: readonly string[]) => ({
  topics: new Set(topics),
  version: 1,
  timestampMs: 1,
})
const image = imageWith(...newTopic('orders', 2), ...newTopic('users', 1), ...newTopic('visits', 1))

/** A group that has looked at its topics. */
function lookedAt(...members: readonly ConsumerMember[]) {
  const group = consumerGroupWith(...members)
  group.metadataHash = currentMetadataHash(group, image)
  return group
}

describe('a group is subscribed', () => {
  it('to what a member names, and to what an expression matched that a member still has', () => {
    const group = consumerGroupWith(reader('a', 'orders'), matcher('b', 'u.*'))
    group.patterns.set('u.*', matched('users')).set('v.*', matched('visits'))
    const found = ['orders', 'users', 'visits', 'gone'].map(name =>
      consumerGroupSubscribes(group, name),
    )
    expect(found).toEqual([true, true, false, false])
  })

  it('to nobody knows what, until the expression of each member is resolved', () => {
    const group = consumerGroupWith(matcher('a', 'u.*'), matcher('b', 'v.*'))
    group.patterns.set('u.*', matched())
    expect(hasUnresolvedPatterns(group)).toBe(true)
    group.patterns.set('v.*', matched())
    expect(hasUnresolvedPatterns(group)).toBe(false)
    expect(hasUnresolvedPatterns(consumerGroupWith(reader('a', 'orders')))).toBe(false)
  })
})

describe('the hash of the topics', () => {
  const orders = consumerGroupWith(reader('a', 'orders'))
  const hashed = (...changes: Parameters<typeof imageWith>) =>
    currentMetadataHash(orders, imageWith(...changes))

  it('changes with the partitions of a topic, and when it is made, made anew or deleted', () => {
    const topic = newTopic('orders', 2)
    const anew = newTopic('orders', 2).map(change => ({ ...change, topicId: 'B'.repeat(22) }))
    const hashes = [[], topic, newTopic('orders', 3), anew].map(changes => hashed(...changes))
    expect(new Set(hashes).size).toBe(4)
    expect(hashed(...topic)).toBe(hashes[1])
    expect(hashed()).toBe(TOPICS_NOT_LOOKED_AT)
  })

  it('does not change with topics that nobody reads', () => {
    const more = [...newTopic('users', 5), ...newTopic('orders', 2)]
    expect(hashed(...more)).toBe(hashed(...newTopic('orders', 2)))
  })

  it('is the same however members come by their topics, and in whatever order', () => {
    const both = consumerGroupWith(reader('a', 'orders', 'users'))
    const apart = consumerGroupWith(reader('a', 'users'), reader('b', 'orders', 'users'))
    const expression = consumerGroupWith(matcher('a', '[ou].*'), reader('b', 'orders'))
    expression.patterns.set('[ou].*', matched('users', 'orders'))
    const hashes = [both, apart, expression].map(group => currentMetadataHash(group, image))
    expect(new Set(hashes).size).toBe(1)
  })

  it('tells which topic has how many partitions, not only how many there are', () => {
    const group = consumerGroupWith(reader('a', 'orders', 'users'))
    const sized = (one: number, other: number) =>
      currentMetadataHash(group, imageWith(...newTopic('orders', one), ...newTopic('users', other)))
    expect(sized(1, 2)).not.toBe(sized(2, 1))
  })
})

describe('the hash after members come and go', () => {
  const a = reader('a', 'orders')
  const b = reader('b', 'orders', 'users')

  it.each<[string, readonly ConsumerMember[], readonly ConsumerMember[]]>([
    ['one more reads the same', [], [reader('c', 'users')]],
    ['one goes whose topics others read', [a], []],
    ['the last reader of a topic goes', [b], []],
    ['a topic gets its first reader', [], [reader('c', 'visits')]],
    ['a member reads another topic', [b], [reader('b', 'visits')]],
    ['an expression comes that is resolved', [], [matcher('c', 'v.*')]],
    ['everybody goes', [a, b], []],
  ])('is that of the group as it will be when %s', (_title, gone, come) => {
    const group = lookedAt(a, b)
    group.patterns.set('v.*', matched('visits'))
    const remaining = [...group.members.values()].filter(member => !gone.includes(member))
    const next = consumerGroupWith(...remaining, ...come)
    next.patterns.set('v.*', matched('visits'))
    expect(metadataHashAfter(group, { gone, come }, image)).toBe(currentMetadataHash(next, image))
  })

  it('is kept without a look at the topics while they stay the same', () => {
    const group = lookedAt(a, b)
    const change = { gone: [a], come: [] }
    // A change of the topics themselves is noticed elsewhere, and begins an epoch of its own.
    const grown = imageWith(...newTopic('orders', 9), ...newTopic('users', 1))
    expect(metadataHashAfter(group, change, grown)).toBe(group.metadataHash)
  })

  it('is looked up when the group has not looked at its topics yet', () => {
    const group = consumerGroupWith(a, b)
    const change = { gone: [a], come: [] }
    expect(metadataHashAfter(group, change, image)).toBe(currentMetadataHash(group, image))
  })

  it('takes what expressions are resolved to now in the place of what they matched', () => {
    const group = consumerGroupWith(matcher('a', '.*'))
    group.patterns.set('.*', matched('orders'))
    group.metadataHash = currentMetadataHash(group, image)
    const change = { gone: [], come: [], patterns: new Map([['.*', matched('users')]]) }
    const users = consumerGroupWith(reader('a', 'users'))
    expect(metadataHashAfter(group, change, image)).toBe(currentMetadataHash(users, image))
  })
})
