import { ConsumerGroupHeartbeat, FindCoordinator, Metadata } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { watch } from '../../../support/fake-client.ts'
import { consumerGroupConsumer, valueOf } from '../../../support/group-consumer.ts'

describe('a member of a KIP-848 group', () => {
  it('joins with an id of its own, says everything once, and reads what it is given', async () => {
    const options = { groupRemoteAssignor: 'range', rackId: 'r1' }
    const { group, next, write, events } = consumerGroupConsumer({ options })
    write(['a', 'b'], 0)
    group.committed.set('orders-0', 1)
    group.give('orders-0', 'orders-1')
    expect(valueOf(await next(50))).toBe('b')
    expect(events).toEqual(['assigned 0 1'])
    const [join, acknowledgement, ...rest] = group.heartbeats
    expect(join).toMatchObject({
      memberEpoch: 0,
      rackId: 'r1',
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['orders'],
      serverAssignor: 'range',
      topicPartitions: [],
    })
    expect(join?.memberId).toMatch(/^[\w-]{22}$/)
    expect(acknowledgement).toMatchObject({ memberEpoch: 1, subscribedTopicNames: null })
    expect(group.ownedIn(acknowledgement as never)).toEqual(['orders-0', 'orders-1'])
    expect(rest).toEqual([])
  })

  it('says no more than that it is alive while nothing changes, as often as the broker wants', async () => {
    const { group, next, clock } = consumerGroupConsumer()
    group.give('orders-0')
    await next(50)
    const before = group.heartbeats.length
    await clock.advance(5000)
    const later = group.heartbeats.slice(before)
    expect(later.length).toBe(5)
    expect(later.every(one => group.ownedIn(one) === null && one.rebalanceTimeoutMs < 0)).toBe(true)
  })

  it('gives up what is no longer among its partitions, after committing it, and says so', async () => {
    const { group, next, write, events } = consumerGroupConsumer()
    group.give('orders-0', 'orders-1')
    write(['a', 'b'], 0)
    expect(valueOf(await next(50))).toBe('a')
    group.give('orders-1')
    await next(30)
    expect(events).toEqual(['assigned 0 1'])
    const asked = await next(1500)
    expect(asked.state()).toBe('pending')
    expect(events).toEqual(['assigned 0 1', 'revoked 0'])
    expect(group.committed.get('orders-0')).toBe(2)
    expect(group.ownedIn(group.heartbeats.at(-2) as never)).toEqual(['orders-1'])
  })

  it('keeps sending heartbeats while what is in hand is handled', async () => {
    const { group, next, write, clock, events } = consumerGroupConsumer()
    group.give('orders-0')
    write(['a', 'b'], 0)
    await next(50)
    group.give()
    const before = group.heartbeats.length
    await clock.advance(10_000)
    expect(group.heartbeats.length - before).toBe(10)
    expect(events).toEqual(['assigned 0'])
    await next(50)
    expect(events).toEqual(['assigned 0', 'revoked 0'])
  })

  it.each(['FENCED_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'] as const)(
    'drops everything after %s, commits nothing of it, and joins again under the same id',
    async name => {
      const { group, next, write, events, clock } = consumerGroupConsumer()
      group.give('orders-0')
      write(['a', 'b'], 0)
      expect(valueOf(await next(50))).toBe('a')
      const { memberId } = group
      group.refuse(name)
      await clock.advance(1100)
      expect(events).toEqual(['assigned 0', 'lost 0', 'assigned 0'])
      expect(group.commits.filter(commit => commit.startsWith('orders-0@1'))).toEqual([])
      expect(group.heartbeats.at(-2)).toMatchObject({ memberEpoch: 0, memberId })
      expect(valueOf(await next(50))).toBe('a')
    },
  )

  it('commits again with the new epoch when the old one was stale', async () => {
    const { group, next, write, clock } = consumerGroupConsumer()
    group.give('orders-0')
    write(['a', 'b'], 0)
    await next(50)
    group.memberEpoch += 1
    await next(10)
    await clock.advance(2000)
    expect(group.commits).toContain('orders-0@1 STALE_MEMBER_EPOCH')
    expect(group.committed.get('orders-0')).toBe(1)
  })

  it('says everything again after a heartbeat that may not have arrived', async () => {
    const { cluster, group, next, clock } = consumerGroupConsumer()
    group.give('orders-0')
    await next(50)
    cluster.next(ConsumerGroupHeartbeat, () => 'close')
    await clock.advance(1500)
    const repeated = group.heartbeats.find(
      ({ memberEpoch, rebalanceTimeoutMs }) => memberEpoch > 0 && rebalanceTimeoutMs > 0,
    )
    expect(group.ownedIn(repeated as never)).toEqual(['orders-0'])
    expect(cluster.requestsOf(FindCoordinator).length).toBe(2)
  })

  it('waits for a static predecessor whose session is not over', async () => {
    const { group, next, write, lines } = consumerGroupConsumer({
      options: { groupInstanceId: 'i' },
    })
    group.give('orders-0')
    write(['a'])
    group.refuse('UNRELEASED_INSTANCE_ID', 'UNRELEASED_INSTANCE_ID')
    expect(valueOf(await next(1000))).toBe('a')
    expect(lines.filter(({ level }) => level === 'warn').length).toBe(2)
  })

  it('gives up when the instance id stays taken', async () => {
    const { cluster, next } = consumerGroupConsumer({ options: { groupInstanceId: 'i' } })
    cluster.always(ConsumerGroupHeartbeat, () => ({
      errorCode: 111,
      memberEpoch: 0,
      heartbeatIntervalMs: 0,
    }))
    expect((await next(70_000)).error().code).toBe('FENCED')
  })

  it.each([
    'UNSUPPORTED_ASSIGNOR',
    'INVALID_REGULAR_EXPRESSION',
    'GROUP_MAX_SIZE_REACHED',
  ] as const)('tells the reader about %s', async name => {
    const { group, next } = consumerGroupConsumer()
    group.refuse(name)
    expect((await next()).error().code).toBe(name)
  })

  it('subscribes by a pattern, and learns the names of what it is given', async () => {
    const options = { topics: [], topicPattern: 'ord.*' }
    const { cluster, group, next, events } = consumerGroupConsumer({ options })
    group.give('orders-1')
    await next(50)
    expect(group.heartbeats[0]).toMatchObject({
      subscribedTopicNames: [],
      subscribedTopicRegex: 'ord.*',
    })
    expect(cluster.topics.size).toBe(1)
    expect(events).toEqual(['assigned 1'])
  })

  it.each([
    [undefined, -1],
    ['i', -2],
  ])('leaves with the epoch of its kind (instance id %s: %i)', async (groupInstanceId, epoch) => {
    const options = groupInstanceId === undefined ? {} : { groupInstanceId }
    const { group, next, consumer, clock, events } = consumerGroupConsumer({ options })
    group.give('orders-0')
    const asked = await next(50)
    const closed = watch(consumer.close())
    await clock.advance(50)
    expect([closed.state(), asked.value().done]).toEqual(['resolved', true])
    expect(group.heartbeats.at(-1)?.memberEpoch).toBe(epoch)
    expect(events).toEqual(['assigned 0', 'revoked 0'])
  })

  it.each([
    ['the answer comes late', { errorCode: 0, memberEpoch: 1, heartbeatIntervalMs: 1000 }],
    ['the answer never comes', 'close'],
  ] as const)('says good-bye when it is closed while it joins, and %s', async (_, answer) => {
    const { cluster, group, consumer, next, clock } = consumerGroupConsumer()
    cluster.next(ConsumerGroupHeartbeat, () => {
      void consumer.close()
      return answer
    })
    expect((await next(500)).value().done).toBe(true)
    expect([group.heartbeats.at(-1)?.memberEpoch, clock.pendingTimers]).toEqual([-1, 0])
    expect(new Set(group.heartbeats.map(({ memberId }) => memberId)).size).toBe(1)
  })

  it('asks again for the name of a topic that brokers do not know yet, and says so', async () => {
    const options = { topics: [], topicPattern: '.*' }
    const { cluster, group, next, events, lines, clock } = consumerGroupConsumer({ options })
    group.give('orders-0')
    let isHidden = true
    cluster.always(Metadata, ({ topics }) =>
      isHidden
        ? {
            brokers: [{ nodeId: 1, host: 'broker-1', port: 9092, rack: null }],
            topics: (topics ?? []).map(({ name, topicId }) => ({
              name,
              topicId,
              errorCode: 100,
              partitions: [],
            })),
          }
        : undefined,
    )
    await next(3000)
    expect(events).toEqual([])
    const isWarning = ({ message }: { message: string }) => message.includes('no broker knows')
    expect(lines.filter(isWarning).length).toBe(1)
    const heartbeats = group.heartbeats.length
    await clock.advance(3000)
    expect(group.heartbeats.length - heartbeats).toBe(3)
    isHidden = false
    await clock.advance(2000)
    expect(events).toEqual(['assigned 0'])
    expect(group.ownedIn(group.heartbeats.at(-2) as never)).toEqual(['orders-0'])
  })

  it('leaves when the reader does not come back, and joins again when it does', async () => {
    const options = { maxPollIntervalMs: 10_000 }
    const { group, next, write, clock, events } = consumerGroupConsumer({ options })
    group.give('orders-0')
    write(['a', 'b'])
    expect(valueOf(await next(50))).toBe('a')
    await clock.advance(15_000)
    expect(group.heartbeats.at(-1)?.memberEpoch).toBe(-1)
    expect(events).toEqual(['assigned 0', 'lost 0'])
    expect(valueOf(await next(100))).toBe('a')
  })
})
