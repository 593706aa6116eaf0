import { encodeAssignment, errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { askJoin, askSync, classicBeat, synced } from '../../../../../support/classic-members.ts'
import {
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
import { imageWith, newTopic, topicIdOf } from '../../../../../support/metadata-image.ts'

const image = imageWith(...newTopic('orders', 4))
const orders = { topics: ['orders'] }
const ordersId = topicIdOf('orders')

const assignmentOf = (partitions: number[], userData: Uint8Array | null = null): Uint8Array =>
  encodeAssignment(1, { assignedPartitions: [{ topic: 'orders', partitions }], userData })

/** A classic group with one member that has everything. */
function classicGroup(
  shard: ConsumerShard,
  assignment: Uint8Array = assignmentOf([0, 1, 2, 3]),
): string {
  const { memberId } = askJoin(shard, '', orders).response()
  const { generationId } = askJoin(shard, memberId, orders).response()
  askSync(shard, memberId, generationId, [{ memberId, assignment }])
  return memberId
}

describe('an upgrade', () => {
  it('assigns to the one that takes the place of a static member in the middle of a round (G5)', () => {
    const shard = consumerShard(image)
    const instance = { groupInstanceId: 'one' }
    expect(askJoin(shard, '', orders, instance).response().generationId).toBe(1)
    const joined = beat(shard, joining('new', ['orders'], { instanceId: 'one' }))
    expect(joined.memberEpoch).toBe(2)
    expect(named(joined.assignment?.topicPartitions)).toHaveLength(4)
    expect([...consumerGroupOf(shard).members.keys()]).toEqual(['new'])
  })

  it('leaves classic members what they have until they give it up (G1)', () => {
    const shard = consumerShard(image)
    const old = classicGroup(shard)
    const joined = beat(shard, joining('new', ['orders']))
    expect(joined).toMatchObject({
      errorCode: 0,
      memberEpoch: 2,
      assignment: { topicPartitions: [] },
    })
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))

    expect(classicBeat(shard, old, 1)).toBe('REBALANCE_IN_PROGRESS')
    // A cooperative member says what it holds; it is told what it keeps, and joins again without the rest.
    const holding = { ...orders, owned: [{ topic: 'orders', partitions: [0, 1, 2, 3] }] }
    expect(askJoin(shard, old, holding).response().generationId).toBe(1)
    const kept = synced(shard, old, 1)
    expect(kept).toHaveLength(2)
    expect(beat(shard, heartbeat({ memberId: 'new', memberEpoch: 2 })).assignment).toBeNull()
    const numbers = [...kept].map(name => Number(name.slice(-1)))
    const less = { ...orders, owned: [{ topic: 'orders', partitions: numbers }] }
    expect(askJoin(shard, old, less).response().generationId).toBe(2)
    const got = beat(shard, heartbeat({ memberId: 'new', memberEpoch: 2 })).assignment
    expect([...named(got?.topicPartitions), ...kept].sort()).toEqual([
      ...['orders-0', 'orders-1', 'orders-2', 'orders-3'],
    ])
  })

  it('takes everything from an eager member as soon as it joins again', () => {
    const shard = consumerShard(image)
    const old = classicGroup(shard)
    beat(shard, joining('new', ['orders']))
    expect(askJoin(shard, old, orders).response().generationId).toBe(2)
    expect(synced(shard, old, 2)).toHaveLength(2)
    const got = beat(shard, heartbeat({ memberId: 'new', memberEpoch: 2 })).assignment
    expect(named(got?.topicPartitions)).toHaveLength(2)
  })

  it('sends classic members that wait in a round back to join again', () => {
    const shard = consumerShard(image)
    const old = classicGroup(shard)
    const waiting = askJoin(shard, '', orders, { groupInstanceId: 'i' })
    expect(waiting.isAnswered()).toBe(false)
    beat(shard, joining('new', ['orders']))
    expect(errorName(waiting.response().errorCode)).toBe('REBALANCE_IN_PROGRESS')
    expect(consumerGroupOf(shard).members.has(old)).toBe(true)
  })

  it('gives a partition that the leader gave to two to the first of them', () => {
    const shard = consumerShard(image)
    const first = classicGroup(shard)
    const second = askJoin(shard, '', orders, { groupInstanceId: 'i' })
    const { generationId } = askJoin(shard, first, orders).response()
    const ids = [first, second.response().memberId]
    const assignments = ids.map(memberId => ({ memberId, assignment: assignmentOf([0, 1]) }))
    askSync(shard, first, generationId, assignments)
    expect(beat(shard, joining('new', ['orders'])).errorCode).toBe(0)
    const had = ids.map(id => consumerGroupOf(shard).members.get(id)?.assigned.get(ordersId))
    expect(had).toEqual([[0, 1], undefined])
  })

  it.each(['disabled', 'downgrade'] as const)(
    'is not made under the policy %s',
    migrationPolicy => {
      const shard = consumerShard(image, consumerRules({ migrationPolicy }))
      classicGroup(shard)
      const { errorCode } = beat(shard, joining('new', ['orders']))
      expect(errorName(errorCode)).toBe('GROUP_ID_NOT_FOUND')
      expect(shard.state.groups.get(GROUP)?.kind).toBe('classic')
    },
  )

  it('is not made of a group with an assignor of its own, nor of one too large', () => {
    const custom = consumerShard(image)
    classicGroup(custom, assignmentOf([0], new Uint8Array(3)))
    expect(errorName(beat(custom, joining('new', ['orders'])).errorCode)).toBe('GROUP_ID_NOT_FOUND')
    const full = consumerShard(image, consumerRules({ maxSize: 0 }))
    classicGroup(full)
    expect(errorName(beat(full, joining('new', ['orders'])).errorCode)).toBe('GROUP_ID_NOT_FOUND')
  })

  it('of an empty group happens under any policy', () => {
    const shard = consumerShard(image, consumerRules({ migrationPolicy: 'disabled' }))
    classicGroup(shard)
    shard.advance(30_000)
    expect(beat(shard, joining('new', ['orders']))).toMatchObject({ errorCode: 0, memberEpoch: 1 })
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  })
})

describe('a downgrade', () => {
  const mixed = (migrationPolicy: 'bidirectional' | 'upgrade') => {
    const shard = consumerShard(image, consumerRules({ migrationPolicy }))
    const old = classicGroup(shard)
    beat(shard, joining('new', ['orders']))
    askJoin(shard, old, orders)
    synced(shard, old, 2)
    return { shard, old }
  }

  it('follows when the last member of the consumer protocol leaves', () => {
    const { shard, old } = mixed('bidirectional')
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    expect(shard.state.groups.get(GROUP)?.kind).toBe('classic')
    expect(classicBeat(shard, old, 2)).toBe('REBALANCE_IN_PROGRESS')
    const joined = askJoin(shard, old, orders).response()
    expect(joined).toMatchObject({ errorCode: 0, leader: old })
    expect(joined.generationId).toBeGreaterThan(2)
  })

  it('follows when the last member of the consumer protocol is fenced', () => {
    const { shard, old } = mixed('bidirectional')
    shard.advance(29_000)
    classicBeat(shard, old, 2)
    shard.advance(29_000)
    expect(shard.state.groups.get(GROUP)?.kind).toBe('classic')
  })

  it('follows when a static member comes back as the last classic one, and keeps its assignment', () => {
    const shard = consumerShard(image)
    beat(shard, joining('new', ['orders'], { instanceId: 'i' }))
    const joined = askJoin(shard, '', orders, { groupInstanceId: 'i' }).response()
    expect(joined.errorCode).toBe(0)
    expect(shard.state.groups.get(GROUP)?.kind).toBe('classic')
    expect(synced(shard, joined.memberId, joined.generationId)).toHaveLength(4)
  })

  it('has a restart share anew what the one had who left, before the members know (G5)', () => {
    const { shard, old } = mixed('bidirectional')
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    shard.restart()
    expect(classicBeat(shard, old, 2)).toBe('REBALANCE_IN_PROGRESS')
  })

  it('writes what members hold, not what they shall have: another may hold that still (G1)', () => {
    const shard = consumerShard(image)
    const old = classicGroup(shard)
    beat(shard, joining('new', ['orders']))
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    const again = beat(shard, joining('newer', ['orders']))
    expect(again.assignment?.topicPartitions).toEqual([])
    const held = consumerGroupOf(shard).members.get(old)?.assigned.get(ordersId)
    expect(held).toEqual([0, 1, 2, 3])
  })

  it('does not happen under the policy upgrade', () => {
    const { shard, old } = mixed('upgrade')
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    expect(shard.state.groups.get(GROUP)?.kind).toBe('consumer')
    expect(classicBeat(shard, old, 2)).toBe('REBALANCE_IN_PROGRESS')
  })

  it('of an empty group happens when a classic member joins', () => {
    const shard = consumerShard(image)
    beat(shard, joining('new', ['orders']))
    beat(shard, heartbeat({ memberId: 'new', memberEpoch: -1 }))
    classicGroup(shard)
    expect(shard.state.groups.get(GROUP)?.kind).toBe('classic')
    expect(shard.reloaded(shard.records).groups.get(GROUP)?.kind).toBe('classic')
  })
})
