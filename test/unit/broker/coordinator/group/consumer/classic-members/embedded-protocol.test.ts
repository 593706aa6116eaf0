import { decodeAssignment, encodeSubscription } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  assignmentBytes,
  partitionsById,
  partitionsOf,
  subscriptionOf,
  suitsClassicMembers,
} from '../../../../../../../packages/broker/src/coordinator/group/consumer/classic-members/embedded-protocol.ts'
import { imageWith, newTopic, topicIdOf } from '../../../../../../support/metadata-image.ts'
import {
  consumerGroupWith,
  consumerMember,
  partitions,
} from '../../../../../../support/pure-consumer-group.ts'

const image = imageWith(...newTopic('orders', 3), ...newTopic('users', 1))
const orders = topicIdOf('orders')
const protocol = (name: string, version = 1, ...topics: readonly string[]) => ({
  name,
  metadata: encodeSubscription(version, { topics: [...topics], ownedPartitions: [] }),
})

describe('the subscription of a classic member', () => {
  it('is that of the protocol that it prefers', () => {
    const protocols = [protocol('range', 1, 'orders'), protocol('other', 1, 'users')]
    expect(subscriptionOf(protocols)?.topics).toEqual(['orders'])
  })

  it.each([
    ['cannot be read', [{ name: 'range', metadata: new Uint8Array(1) }]],
    ['is not there', []],
  ])('is none when it %s', (_title, protocols) => {
    expect(subscriptionOf(protocols)).toBeUndefined()
  })
})

describe('a classic member suits a group', () => {
  const offering = (memberId: string, ...names: readonly string[]) => {
    const protocols = names.map(name => protocol(name))
    return consumerMember(memberId, { classic: { sessionTimeoutMs: 10_000, protocols } })
  }
  const mixed = consumerGroupWith(
    consumerMember('new'),
    offering('a', 'range', 'sticky'),
    offering('b', 'sticky', 'other'),
  )

  it.each([
    ['with a protocol that all have', 'consumer', ['x', 'sticky'], true],
    ['not with one that some have', 'consumer', ['range', 'other'], false],
    ['not without a protocol', 'consumer', [], false],
    ['not as something else than a consumer', 'connect', ['sticky'], false],
  ])('%s', (_title, type, names, suits) => {
    const offered = names.map(name => ({ name }))
    expect(suitsClassicMembers(mixed, type, offered)).toBe(suits)
  })

  it('with any protocol, when it is the first classic one', () => {
    const group = consumerGroupWith(consumerMember('new'))
    expect(suitsClassicMembers(group, 'consumer', [{ name: 'x' }])).toBe(true)
    expect(suitsClassicMembers(group, 'consumer', [])).toBe(false)
  })
})

describe('partitions that a classic member names', () => {
  const named = [
    { topic: 'orders', partitions: [2, 0] },
    { topic: 'deleted', partitions: [0] },
  ]

  it('are found by their topics; those of a topic that is gone are left out', () => {
    expect(partitionsById(named, image)).toEqual([{ topicId: orders, partitions: [2, 0] }])
    expect(partitionsOf(named, image)).toEqual(partitions({ [orders]: [0, 2] }))
  })
})

describe('the bytes of an assignment', () => {
  const assigned = partitions({ [orders]: [0, 2], deleted: [0] })
  const bytes = (version: number) => assignmentBytes(assigned, [protocol('range', version)], image)

  it('name topics, without those that are gone, and carry nothing of an assignor', () => {
    expect(decodeAssignment(bytes(1))).toMatchObject({
      assignedPartitions: [{ topic: 'orders', partitions: [0, 2] }],
      userData: null,
    })
  })

  it.each([0, 1, 2, 3])('are in version %i when the subscription is', version => {
    expect(Buffer.from(bytes(version)).readInt16BE()).toBe(version)
  })

  it('are in version 0, which everybody reads, when the subscription cannot be read', () => {
    expect(Buffer.from(assignmentBytes(assigned, [], image)).readInt16BE()).toBe(0)
  })

  it('of nothing are an assignment without partitions', () => {
    const none = assignmentBytes(new Map(), [protocol('range')], image)
    expect(decodeAssignment(none).assignedPartitions).toEqual([])
  })
})
