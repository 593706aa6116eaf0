import { describe, expect, it } from 'vitest'
import { newConsumerGroup } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-group.ts'
import type { ConsumerMember } from '../../../../../../packages/broker/src/coordinator/group/consumer/consumer-member.ts'
import {
  putMember,
  removeMember,
} from '../../../../../../packages/broker/src/coordinator/group/consumer/put-member.ts'
import { GROUP } from '../../../../../support/consumer-shard.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../support/pure-consumer-group.ts'

const classic = { sessionTimeoutMs: 10_000, protocols: [] }
const whole = consumerMember('a', {
  instanceId: 'i',
  subscribedTopicNames: ['orders', 'users'],
  subscribedTopicRegex: 'o.*',
  serverAssignor: 'range',
  classic,
  assigned: partitions({ t: [0, 1] }),
  pendingRevocation: partitions({ t: [2], u: [0] }),
})

/** What a group says of its members, apart from them. */
function derived(...members: readonly ConsumerMember[]) {
  const group = consumerGroupWith(...members)
  const { staticMembers, owners, topicSubscribers } = group
  const { patternSubscribers, assignorVotes, classicMembers } = group
  const counts = { topicSubscribers, patternSubscribers, assignorVotes, classicMembers }
  return { staticMembers, owners, ...counts }
}

describe('a member that is put into a group', () => {
  it('owns what it has and what it still has to give up, and counts for what it asks', () => {
    expect(derived(whole)).toEqual({
      staticMembers: new Map([['i', 'a']]),
      owners: new Map([
        ['t', new Map([0, 1, 2].map(partition => [partition, 'a']))],
        ['u', new Map([[0, 'a']])],
      ]),
      topicSubscribers: new Map([
        ['orders', 1],
        ['users', 1],
      ]),
      patternSubscribers: new Map([['o.*', 1]]),
      assignorVotes: new Map([['range', 1]]),
      classicMembers: 1,
    })
  })

  it.each<[string, Partial<ConsumerMember>]>([
    ['nothing', {}],
    ['another name', { instanceId: 'j' }],
    ['no name', { instanceId: null }],
    ['other topics', { subscribedTopicNames: ['users', 'visits'] }],
    ['another expression', { subscribedTopicRegex: 'u.*' }],
    ['no expression', { subscribedTopicRegex: '' }],
    ['another assignor', { serverAssignor: 'uniform' }],
    ['no assignor', { serverAssignor: null }],
    ['the consumer protocol', { classic: null }],
    ['other partitions', { assigned: partitions({ t: [1, 5] }) }],
    ['nothing to give up', { pendingRevocation: new Map() }],
    ['what it had to give up', { assigned: partitions({ t: [2] }), pendingRevocation: new Map() }],
  ])(
    'in the place of itself, with %s changed, counts as if it had come like that',
    (_, changes) => {
      const other = consumerMember('b', {
        subscribedTopicNames: ['users'],
        serverAssignor: 'range',
      })
      const next = { ...whole, ...changes }
      expect(derived(other, whole, next)).toEqual(derived(other, next))
      expect(derived(other, next, whole)).toEqual(derived(other, whole))
    },
  )

  it('is an error that ends the process when another has one of its partitions (G1)', () => {
    for (const of of ['assigned', 'pendingRevocation'] as const) {
      const group = consumerGroupWith(whole)
      const second = consumerMember('b', { [of]: partitions({ t: [2] }) })
      expect(() => putMember(group, second)).toThrow('G1')
    }
  })

  it('may take a partition that was given up', () => {
    const second = consumerMember('b', { assigned: partitions({ t: [2] }) })
    const gaveUp = { ...whole, pendingRevocation: new Map() }
    expect(derived(whole, gaveUp, second).owners.get('t')?.get(2)).toBe('b')
  })
})

describe('a member that is removed', () => {
  it('leaves nothing behind', () => {
    const group = consumerGroupWith(whole)
    group.soft.awaitedJoins.add('a')
    removeMember(group, 'a')
    expect(group).toEqual(newConsumerGroup(GROUP))
  })

  it('leaves what others count for, and its name to the one that took its place', () => {
    const heir = { ...consumerMember('b', { instanceId: 'i' }), subscribedTopicNames: ['users'] }
    const group = consumerGroupWith(whole, heir)
    removeMember(group, 'a')
    expect(group.staticMembers.get('i')).toBe('b')
    expect([...group.topicSubscribers]).toEqual([['users', 1]])
  })

  it('may be gone already', () => {
    const group = consumerGroupWith(whole)
    removeMember(group, 'b')
    expect([...group.members.keys()]).toEqual(['a'])
  })
})
