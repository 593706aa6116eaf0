import {
  encodeSubscription,
  errorCode,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  SyncGroup,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { TopicPartition } from '../../../../packages/client/src/consumer/topic-partition.ts'
import { type Watched, watch } from '../../../support/fake-client.ts'
import { groupConsumer, valueOf } from '../../../support/group-consumer.ts'

const NONE = Buffer.alloc(0)
const NOT_JOINED = { protocolName: null, leader: '', skipAssignment: false, members: [] }

describe('a member of a classic group', () => {
  it('joins with the id that it is given, divides as the leader, and reads from what is committed', async () => {
    const { group, next, write, events, consumer, clock } = groupConsumer()
    write(['a', 'b'], 0)
    group.committed.set('orders-0', 1)
    expect(valueOf(await next())).toBe('b')
    expect(group.joins.map(({ memberId }) => memberId)).toEqual(['', 'member-1'])
    expect(group.assigned).toEqual(['orders-0', 'orders-1'])
    expect(events).toEqual(['assigned 0 1'])
    void consumer.close()
    await clock.advance(100)
  })

  it('offers its assignors in order, with the topics and the rack', async () => {
    const partitionAssignors = ['sticky', 'roundrobin'] as const
    const { group, next } = groupConsumer({ options: { partitionAssignors, rackId: 'r1' } })
    await next()
    expect(group.joins[0]?.protocols.map(({ name }) => name)).toEqual(['sticky', 'roundrobin'])
    expect(group.subscription()).toMatchObject({ version: 3, topics: ['orders'], rackId: 'r1' })
    expect(group.joins[0]).toMatchObject({ sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 60_000 })
  })

  it('gives up everything before an eager rebalance, after committing it, and starts where it was', async () => {
    const { group, next, write, events, clock } = groupConsumer()
    write(['a', 'b'], 0)
    expect(valueOf(await next())).toBe('a')
    expect(valueOf(await next())).toBe('b')
    group.isRebalancing = true
    const third = await next(3100)
    write(['c'], 0)
    await clock.advance(20)
    expect(events).toEqual(['assigned 0 1', 'revoked 0 1', 'assigned 0 1'])
    expect(group.committed.get('orders-0')).toBe(2)
    expect(group.commits.every(({ generationId }) => generationId === 1)).toBe(true)
    expect(valueOf(third)).toBe('c')
  })

  it('waits for the record in hand before it gives its partition up', async () => {
    const { group, next, write, clock } = groupConsumer()
    write(['a', 'b'], 0)
    expect(valueOf(await next())).toBe('a')
    group.isRebalancing = true
    await clock.advance(9000)
    expect(group.generationId).toBe(1)
    const second = await next(200)
    expect(group.generationId).toBe(2)
    expect(valueOf(second)).toBe('b')
  })

  it('does not wait for ever: what was in hand is read again', async () => {
    const { group, next, write, clock, lines } = groupConsumer()
    write(['a', 'b'], 0)
    expect(valueOf(await next())).toBe('a')
    group.isRebalancing = true
    await clock.advance(50_000)
    expect(group.generationId).toBe(2)
    expect(lines.map(({ message }) => message)).toContain(
      'records in hand were not handled in time; they will be read again',
    )
    expect(valueOf(await next())).toBe('a')
  })

  it('keeps reading in a cooperative rebalance, gives up only what goes, and joins again', async () => {
    const options = { partitionAssignors: ['cooperative-sticky'] as const }
    const { group, next, write, events } = groupConsumer({ options })
    write(['a', 'b', 'c'], 0)
    expect(valueOf(await next())).toBe('a')
    group.isRebalancing = true
    group.given = ['orders-0']
    expect(valueOf(await next(3100))).toBe('b')
    expect(events).toEqual(['assigned 0 1', 'revoked 1'])
    expect(group.generationId).toBe(3)
    const [second, third] = group.joins.slice(-2).map(join => group.subscription(join))
    expect(second?.ownedPartitions).toEqual([{ topic: 'orders', partitions: [0, 1] }])
    expect(second?.generationId).toBe(1)
    expect(third?.ownedPartitions).toEqual([{ topic: 'orders', partitions: [0] }])
    expect(group.joins.at(-1)?.reason).toBe('partitions were given up for others')
    expect(valueOf(await next())).toBe('c')
  })

  it('stops handing out and commits nothing when the coordinator no longer knows it', async () => {
    const { group, next, write, events, clock, records } = groupConsumer()
    write(['a', 'b', 'c'], 0)
    expect(valueOf(await next())).toBe('a')
    const { commits } = group
    group.expel()
    const commitsBefore = commits.length
    await clock.advance(3100)
    expect(events.slice(0, 2)).toEqual(['assigned 0 1', 'lost 0 1'])
    expect(commits.slice(commitsBefore).filter(({ memberId }) => memberId === 'member-1')).toEqual(
      [],
    )
    expect(group.committed.get('orders-0') ?? 0).toBe(0)
    const again = watch(records.next())
    await clock.advance(100)
    expect(String(again.value().value?.value)).toBe('a')
    expect(group.memberId).toBe('member-2')
  })

  it('keeps its id but loses its partitions when its generation is over', async () => {
    const { group, next, write, events, clock } = groupConsumer()
    write(['a'], 0)
    await next()
    group.generationId += 5
    await clock.advance(3100)
    expect(events.slice(0, 2)).toEqual(['assigned 0 1', 'lost 0 1'])
    expect(group.joins.at(-1)?.memberId).toBe('member-1')
  })

  it('tells the reader when another took over its instance id, and does not come back', async () => {
    const { group, next, clock, events } = groupConsumer({ options: { groupInstanceId: 'i' } })
    const first = await next()
    group.refuse(Heartbeat, 'FENCED_INSTANCE_ID')
    await clock.advance(3100)
    expect(first.error().code).toBe('FENCED')
    const joins = group.joins.length
    await clock.advance(60_000)
    expect(group.joins.length).toBe(joins)
    expect(events[0]).toBe('assigned 0 1')
  })

  it.each([
    'GROUP_MAX_SIZE_REACHED',
    'INCONSISTENT_GROUP_PROTOCOL',
    'INVALID_SESSION_TIMEOUT',
    'GROUP_AUTHORIZATION_FAILED',
  ] as const)('tells the reader about %s', async name => {
    const { group, next } = groupConsumer()
    group.refuse(JoinGroup, name)
    expect((await next()).error().code).toBe(name)
  })

  it.each([
    ['COORDINATOR_LOAD_IN_PROGRESS', 1],
    ['NOT_COORDINATOR', 2],
    ['COORDINATOR_NOT_AVAILABLE', 2],
  ] as const)('tries again after %s', async (name, lookUps) => {
    const { group, cluster, next, write } = groupConsumer()
    write(['a'])
    group.refuse(JoinGroup, name)
    expect(valueOf(await next(500))).toBe('a')
    expect(cluster.requestsOf(FindCoordinator).length).toBe(lookUps)
  })

  it('joins again when the assignment is overtaken by another rebalance', async () => {
    const { group, next, write } = groupConsumer()
    write(['a'])
    group.refuse(SyncGroup, 'REBALANCE_IN_PROGRESS')
    expect(valueOf(await next(10))).toBe('a')
    expect(group.generationId).toBe(2)
  })

  it('survives the end of every connection', async () => {
    const { cluster, group, next, write, clock } = groupConsumer()
    write(['a', 'b'])
    expect(valueOf(await next())).toBe('a')
    cluster.dropConnections(1)
    await clock.advance(4000)
    expect(valueOf(await next(2000))).toBe('b')
    expect(group.generationId).toBe(1)
  })

  it('finds the coordinator on another broker', async () => {
    const { cluster, next, write, clock } = groupConsumer({ brokersCount: 2 })
    write(['a', 'b'])
    expect(valueOf(await next())).toBe('a')
    cluster.next(Heartbeat, () => ({ errorCode: 16 }))
    await clock.advance(4000)
    expect(cluster.requestsOf(FindCoordinator).length).toBe(2)
    expect(valueOf(await next())).toBe('b')
  })

  it('divides again when a topic gets partitions', async () => {
    const { cluster, group, next, events } = groupConsumer()
    await next()
    cluster.addPartition('orders')
    await next(305_000)
    expect(events.at(-1)).toBe('assigned 0 1 2')
    expect(group.joins.at(-1)?.reason).toBe('topic orders has 3 partitions now')
  })

  it('divides again when a topic appears that only another member reads', async () => {
    const { cluster, group, next, clock } = groupConsumer()
    const metadata = encodeSubscription(3, {
      topics: ['later'],
      userData: null,
      ownedPartitions: [],
      generationId: -1,
      rackId: null,
    })
    group.refuse(JoinGroup, 'COORDINATOR_LOAD_IN_PROGRESS')
    cluster.next(JoinGroup, ({ protocols }) => {
      group.memberId = 'member-1'
      group.generationId = 1
      const [own] = protocols
      const members = [
        { memberId: 'member-1', groupInstanceId: null, metadata: own?.metadata ?? metadata },
        { memberId: 'other', groupInstanceId: null, metadata },
      ]
      const joined = { generationId: 1, protocolType: 'consumer', protocolName: 'range', members }
      return { ...NOT_JOINED, ...joined, errorCode: 0, leader: 'member-1', memberId: 'member-1' }
    })
    await next(1000)
    expect(group.assigned).toEqual(['orders-0', 'orders-1'])
    cluster.addTopic('later', 1)
    await clock.advance(310_000)
    expect(group.joins.at(-1)?.reason).toBe('topic later has 1 partitions now')
  })

  it('waits for a topic that is not there yet, and says so', async () => {
    const options = { topics: ['later'] }
    const { cluster, next, write, lines, events, clock } = groupConsumer({ options })
    const asked = await next(4000)
    expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'topics to read are not there',
    ])
    cluster.addTopic('later', 1)
    await clock.advance(7000)
    expect(events).toEqual(['assigned 0'])
    expect(asked.state()).toBe('pending')
    write([])
  })

  it('sends heartbeats while the reader is busy', async () => {
    const { cluster, next, write, clock } = groupConsumer()
    write(['a'])
    await next()
    const before = cluster.requestsOf(Heartbeat).length
    await clock.advance(30_000)
    expect(cluster.requestsOf(Heartbeat).length - before).toBe(10)
  })

  it('sends heartbeats on a connection that no fetch is held back on', async () => {
    const { cluster, next, clock } = groupConsumer()
    await next(100)
    await clock.advance(20_000)
    // One for requests, one for fetches, one for the coordinator.
    expect(cluster.platform.connections.length).toBe(3)
  })

  it('stops reading when no heartbeat gets through for a session, and goes on when one does', async () => {
    const { cluster, next, write, clock, lines } = groupConsumer()
    write(['a', 'b', 'c'])
    expect(valueOf(await next())).toBe('a')
    cluster.always(Heartbeat, () => 'close')
    await clock.advance(46_000)
    const second = await next(100)
    expect(second.state()).toBe('pending')
    const message = 'no heartbeat got through for sessionTimeoutMs; reading stops'
    expect(lines.map(line => line.message)).toContain(message)
    cluster.always(Heartbeat, () => ({ errorCode: 0 }))
    await clock.advance(4000)
    expect(valueOf(second)).toBe('b')
  })

  it('leaves when the reader does not come back, and joins again when it does', async () => {
    const options = { maxPollIntervalMs: 10_000 }
    const { group, next, write, clock, events } = groupConsumer({ options })
    write(['a', 'b'])
    expect(valueOf(await next())).toBe('a')
    await clock.advance(15_000)
    expect(group.leaves).toEqual(['member-1: the reader did not come back'])
    expect(events).toEqual(['assigned 0 1', 'lost 0 1'])
    await clock.advance(60_000)
    expect(group.joins.length).toBe(2)
    expect(valueOf(await next(100))).toBe('a')
    expect(events.at(-1)).toBe('assigned 0 1')
  })

  it('says good-bye at the end, with a reason', async () => {
    const { group, next, write, clock, consumer, events } = groupConsumer()
    write(['a', 'b'])
    await next()
    const closed = watch(consumer.close())
    await clock.advance(10)
    expect(closed.state()).toBe('pending')
    expect((await next()).value().done).toBe(true)
    expect(closed.state()).toBe('resolved')
    expect(group.committed.get('orders-0')).toBe(1)
    expect(group.leaves).toEqual(['member-1: the consumer was closed'])
    expect(events.at(-1)).toBe('revoked 0 1')
  })

  it('does not say good-bye as a static member whose reader does not come back', async () => {
    const options = { groupInstanceId: 'i', maxPollIntervalMs: 10_000 }
    const { group, next, write, clock, events } = groupConsumer({ options })
    write(['a', 'b'])
    await next()
    await clock.advance(20_000)
    expect([group.leaves, events]).toEqual([[], ['assigned 0 1', 'lost 0 1']])
    expect(valueOf(await next(100))).toBe('a')
  })

  it('says good-bye in time when it is closed in a rebalance that a handler holds up', async () => {
    const { group, consumer, write, clock } = groupConsumer({
      options: { commit: { intervalMs: 100_000 } },
    })
    write(['a', 'b'], 0)
    write(['c', 'd'], 1)
    const eachRecord = ({ partition }: TopicPartition) =>
      partition === 0 ? new Promise(() => {}) : undefined
    watch(consumer.run({ concurrency: 2, eachRecord }))
    await clock.advance(100)
    group.isRebalancing = true
    await clock.advance(4000)
    const closed = watch(consumer.close())
    await clock.advance(10_100)
    expect([closed.state(), group.leaves.length]).toEqual(['resolved', 1])
    expect(group.committed.get('orders-1')).toBe(2)
  })

  it('says good-bye when it is closed before it has heard its id', async () => {
    const { cluster, group, consumer, next, clock } = groupConsumer()
    cluster.next(JoinGroup, () => {
      void consumer.close()
      return { ...NOT_JOINED, errorCode: errorCode('MEMBER_ID_REQUIRED'), memberId: 'member-1' }
    })
    expect((await next(100)).value().done).toBe(true)
    expect(clock.pendingTimers).toBe(0)
    expect(group.joins.map(({ memberId }) => memberId)).toEqual([''])
    expect(group.leaves).toEqual(['member-1: the consumer was closed'])
  })

  it('commits in the new generation when it is closed while it joins and keeps what it owns', async () => {
    const { cluster, group, consumer, write, next, clock } = groupConsumer({
      options: { partitionAssignors: ['cooperative-sticky'], commit: { intervalMs: 60_000 } },
    })
    write(['a', 'b'])
    await next()
    expect(valueOf(await next())).toBe('b')
    let closed: Watched<void> | undefined
    cluster.next(JoinGroup, ({ memberId, protocols }) => {
      closed = watch(consumer.close())
      group.generationId = 2
      group.isRebalancing = false
      const [protocol] = protocols
      const members = [{ memberId, groupInstanceId: null, metadata: protocol?.metadata ?? NONE }]
      const joined = { protocolType: 'consumer', protocolName: 'cooperative-sticky', members }
      return { ...NOT_JOINED, ...joined, errorCode: 0, generationId: 2, leader: memberId, memberId }
    })
    group.isRebalancing = true
    await clock.advance(3100)
    expect((await next(1000)).value().done).toBe(true)
    expect([closed?.state(), group.leaves.length]).toEqual(['resolved', 1])
    expect(group.committed.get('orders-0')).toBe(2)
    expect(group.commits.at(-1)).toMatchObject({ generationId: 2 })
  })

  it('hands out nothing more when the coordinator is silent for longer than it may hold a join back', async () => {
    const options = { partitionAssignors: ['cooperative-sticky'] as const }
    const { group, cluster, next, write, clock } = groupConsumer({ options })
    const values = Array.from({ length: 100 }, (_, index) => `v${index}`)
    for (const value of values) write([value])
    expect(valueOf(await next())).toBe('v0')
    group.isRebalancing = true
    cluster.always(JoinGroup, () => 'silence')
    expect(valueOf(await next(50_000))).toBe('v1')
    await clock.advance(20_000)
    let handedOut = 0
    for (let tried = 0; tried < 60; tried += 1) {
      const asked = await next(1000)
      if (asked.state() === 'pending') break
      handedOut += 1
    }
    expect(handedOut).toBe(0)
    await clock.advance(120_000)
    expect(group.joins.length).toBeGreaterThan(3)
  })

  it('does not read topics that it did not ask for, and says so', async () => {
    const { group, next, lines, events } = groupConsumer()
    group.given = ['orders-1', 'users-0']
    await next()
    expect(events).toEqual(['assigned 1'])
    const [line] = lines.filter(({ level }) => level === 'warn')
    expect(line?.fields).toMatchObject({ topics: ['users'] })
  })

  it('does not say good-bye as a static member', async () => {
    const { cluster, next, clock, consumer } = groupConsumer({ options: { groupInstanceId: 'i' } })
    await next()
    void consumer.close()
    await clock.advance(100)
    expect(cluster.requestsOf(LeaveGroup)).toEqual([])
  })

  it('ends in time when no broker answers', async () => {
    const { cluster, next, write, clock, consumer, records } = groupConsumer()
    write(['a'])
    await next()
    cluster.always(LeaveGroup, () => 'silence')
    cluster.always(OffsetCommit, () => 'silence')
    const closed = watch(consumer.close())
    void records.next()
    await clock.advance(9900)
    expect(closed.state()).toBe('pending')
    await clock.advance(200)
    expect(closed.state()).toBe('resolved')
  })
})
