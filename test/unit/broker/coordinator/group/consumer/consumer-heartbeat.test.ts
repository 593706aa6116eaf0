import { errorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  askHeartbeat,
  beat,
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

const image = imageWith(...newTopic('orders', 4), ...newTopic('users', 2))
const owned = (topic: string, partitions: readonly number[]) => [
  { topicId: topicIdOf(topic), partitions },
]

describe('joining', () => {
  it('gives the first member all partitions in the answer to its first heartbeat', () => {
    const shard = consumerShard(image)
    const answer = beat(shard, joining('a', ['orders', 'users']))
    expect(answer).toMatchObject({
      errorCode: 0,
      memberId: 'a',
      memberEpoch: 1,
      heartbeatIntervalMs: 5000,
    })
    expect(named(answer.assignment?.topicPartitions)).toEqual([
      ...['orders-0', 'orders-1', 'orders-2', 'orders-3'],
      ...['users-0', 'users-1'],
    ])
  })

  it('leaves the assignment out of answers while nothing changes, and writes nothing', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const records = shard.records.length
    const answer = beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    expect(answer).toMatchObject({ errorCode: 0, memberEpoch: 1, assignment: null })
    expect(shard.records).toHaveLength(records)
  })

  it('tells the whole assignment again to a member that told all', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const all = joining('a', ['orders'], { memberEpoch: 1, topicPartitions: owned('orders', [0]) })
    expect(beat(shard, all).assignment?.topicPartitions).toEqual(owned('orders', [0, 1, 2, 3]))
  })

  it('makes up a member id for version 0 only', () => {
    const shard = consumerShard(image)
    expect(beat(shard, joining('', ['orders']), { apiVersion: 0 }).memberId).toBe('fresh-id')
    expect(errorName(beat(shard, joining('', ['orders'])).errorCode)).toBe('INVALID_REQUEST')
  })

  it('admits members up to the limit of the group', () => {
    const shard = consumerShard(image, consumerRules({ maxSize: 1 }))
    beat(shard, joining('a', ['orders']))
    expect(errorName(beat(shard, joining('b', ['orders'])).errorCode)).toBe(
      'GROUP_MAX_SIZE_REACHED',
    )
    expect(beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 })).errorCode).toBe(0)
  })

  it('accepts a join again whose answer was lost', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const again = beat(shard, joining('a', ['orders']))
    expect(again).toMatchObject({ errorCode: 0, memberEpoch: 1 })
    expect(again.assignment?.topicPartitions).toEqual(owned('orders', [0, 1, 2, 3]))
  })
})

describe('revocation before reassignment', () => {
  it('gives a partition to a new member only after the old one has given it up (G1)', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const b = beat(shard, joining('b', ['orders']))
    expect(b).toMatchObject({ memberEpoch: 2, assignment: { topicPartitions: [] } })

    const revoke = beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    expect(revoke.memberEpoch).toBe(1)
    const kept = revoke.assignment?.topicPartitions[0]?.partitions ?? []
    expect(kept).toHaveLength(2)
    expect(beat(shard, heartbeat({ memberId: 'b', memberEpoch: 2 })).assignment).toBeNull()

    const stillThere = owned('orders', [0, 1, 2, 3])
    const waiting = heartbeat({ memberId: 'a', memberEpoch: 1, topicPartitions: stillThere })
    expect(beat(shard, waiting)).toMatchObject({ memberEpoch: 1, assignment: null })

    const gaveUp = heartbeat({
      memberId: 'a',
      memberEpoch: 1,
      topicPartitions: owned('orders', kept),
    })
    expect(beat(shard, gaveUp)).toMatchObject({ errorCode: 0, memberEpoch: 2 })
    const got = beat(shard, heartbeat({ memberId: 'b', memberEpoch: 2 }))
    expect(got.assignment?.topicPartitions[0]?.partitions).toEqual(
      [0, 1, 2, 3].filter(p => !kept.includes(p)),
    )
  })

  it('fences a member that does not give up within its rebalance timeout', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders'], { rebalanceTimeoutMs: 10_000 }))
    beat(shard, joining('b', ['orders']))
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    shard.advance(10_000)
    const late = beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    expect(errorName(late.errorCode)).toBe('UNKNOWN_MEMBER_ID')
    const got = beat(shard, heartbeat({ memberId: 'b', memberEpoch: 2 }))
    expect(named(got.assignment?.topicPartitions)).toHaveLength(4)
  })
})

describe('leaving', () => {
  it('hands everything to the others at their next heartbeat', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders']))
    expect(beat(shard, heartbeat({ memberId: 'a', memberEpoch: -1 }))).toMatchObject({
      errorCode: 0,
      memberId: 'a',
      memberEpoch: -1,
    })
    const got = beat(shard, heartbeat({ memberId: 'b', memberEpoch: 2 }))
    expect(got.memberEpoch).toBe(3)
    expect(named(got.assignment?.topicPartitions)).toHaveLength(4)
  })

  it('expires a member that is not heard of for the session timeout', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    shard.advance(44_999)
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    shard.advance(44_999)
    expect(consumerGroupOf(shard).members.size).toBe(1)
    shard.advance(1)
    expect(consumerGroupOf(shard).members.size).toBe(0)
    expect(shard.timers.size).toBe(0)
  })
})

describe('epochs', () => {
  it('fences an epoch that never was and one that is too old', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const wrong = (memberEpoch: number) =>
      errorName(beat(shard, heartbeat({ memberId: 'a', memberEpoch })).errorCode)
    expect(wrong(2)).toBe('FENCED_MEMBER_EPOCH')
    const change = { subscribedTopicNames: ['users'], topicPartitions: [] }
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1, ...change }))
    expect(wrong(1)).toBe('FENCED_MEMBER_EPOCH')
  })

  it('accepts the former epoch only from a member that holds nothing it may not hold', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders']))
    const told = beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 })).assignment
    const kept = told?.topicPartitions[0]?.partitions ?? []
    const at = (partitions: readonly number[]) =>
      heartbeat({ memberId: 'a', memberEpoch: 1, topicPartitions: owned('orders', partitions) })
    expect(beat(shard, at(kept)).memberEpoch).toBe(2)
    expect(beat(shard, at(kept))).toMatchObject({ errorCode: 0, memberEpoch: 2 })
    const tooMuch = beat(shard, at([0, 1, 2, 3]))
    expect(errorName(tooMuch.errorCode)).toBe('FENCED_MEMBER_EPOCH')
  })

  it('knows no member and no group that never joined', () => {
    const shard = consumerShard(image)
    const stranger = heartbeat({ memberId: 'a', memberEpoch: 1 })
    expect(errorName(beat(shard, stranger).errorCode)).toBe('GROUP_ID_NOT_FOUND')
    beat(shard, joining('b', ['orders']))
    expect(errorName(beat(shard, stranger).errorCode)).toBe('UNKNOWN_MEMBER_ID')
  })
})

describe('static members', () => {
  it('keep their partitions while they are away, and under a new member id', () => {
    const shard = consumerShard(image)
    const instanceId = 'i'
    beat(shard, joining('a', ['orders'], { instanceId }))
    const taken = beat(shard, joining('b', ['orders'], { instanceId }))
    expect(errorName(taken.errorCode)).toBe('UNRELEASED_INSTANCE_ID')
    const away = beat(shard, heartbeat({ memberId: 'a', memberEpoch: -2, instanceId }))
    expect(away).toMatchObject({ errorCode: 0, memberEpoch: -2 })
    const back = beat(shard, joining('b', ['orders'], { instanceId }))
    expect(back).toMatchObject({ errorCode: 0, memberEpoch: 1 })
    expect(named(back.assignment?.topicPartitions)).toHaveLength(4)
    const former = beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1, instanceId }))
    expect(errorName(former.errorCode)).toBe('FENCED_INSTANCE_ID')
    expect(hardState(shard.reloaded(shard.records))).toEqual(hardState(shard.state))
  })
})

describe('topics', () => {
  it('are assigned anew when they grow', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    shard.changeImage(imageWith(...newTopic('orders', 5), ...newTopic('users', 2)))
    const answer = beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    expect(answer.memberEpoch).toBe(2)
    expect(named(answer.assignment?.topicPartitions)).toHaveLength(5)
  })

  it('that nobody subscribed to change nothing', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    const records = shard.records.length
    shard.changeImage(imageWith(...newTopic('orders', 4), ...newTopic('users', 9)))
    expect(shard.records).toHaveLength(records)
  })

  it('match an expression as far as the caller may describe them', () => {
    const shard = consumerShard(image)
    const asked = joining('a', [], { subscribedTopicNames: null, subscribedTopicRegex: '.*' })
    const answer = beat(shard, asked, { mayDescribe: name => name !== 'users' })
    expect(named(answer.assignment?.topicPartitions)).toEqual([
      'orders-0',
      'orders-1',
      'orders-2',
      'orders-3',
    ])
  })

  it('refuse an expression that is none', () => {
    const shard = consumerShard(image)
    const asked = joining('a', [], { subscribedTopicRegex: '(' })
    expect(errorName(beat(shard, asked).errorCode)).toBe('INVALID_REGULAR_EXPRESSION')
    expect(shard.records).toHaveLength(0)
  })

  it('that come later are found by expressions at a heartbeat', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', [], { subscribedTopicRegex: 'new.*' }))
    shard.changeImage(imageWith(...newTopic('orders', 4), ...newTopic('newest', 1)))
    shard.advance(10_000)
    const epoch = consumerGroupOf(shard).members.get('a')?.memberEpoch ?? 0
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: epoch }))
    const next = beat(shard, heartbeat({ memberId: 'a', memberEpoch: epoch }))
    expect(named(next.assignment?.topicPartitions)).toEqual(['newest-0'])
  })
})

describe('a restart', () => {
  it('begins no new epoch while the topics are what they were, and one when they are not', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    shard.restart()
    expect(consumerGroupOf(shard).groupEpoch).toBe(1)
    shard.image = imageWith(...newTopic('orders', 5))
    shard.restart()
    expect(consumerGroupOf(shard).groupEpoch).toBe(2)
  })

  it('finds the group as it was, and gives every member its session again', () => {
    const shard = consumerShard(image)
    beat(shard, joining('a', ['orders']))
    beat(shard, joining('b', ['orders'], { subscribedTopicRegex: 'u.*' }))
    beat(shard, heartbeat({ memberId: 'a', memberEpoch: 1 }))
    const before = hardState(shard.state)
    shard.advance(30_000)
    shard.restart()
    expect(hardState(shard.state)).toEqual(before)
    shard.advance(30_000)
    expect(consumerGroupOf(shard).members.size).toBe(2)
  })
})

it('refuses an assignor that is not there', () => {
  const shard = consumerShard(image)
  const asked = askHeartbeat(shard, joining('a', ['orders'], { serverAssignor: 'sticky' }))
  expect(errorName(asked.response().errorCode)).toBe('UNSUPPORTED_ASSIGNOR')
  expect(shard.state.groups.has(GROUP)).toBe(false)
})
