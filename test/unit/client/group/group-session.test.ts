import { getEventListeners } from 'node:events'
import { FindCoordinator, JoinGroup, OffsetFetch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Consumer } from '../../../../packages/client/src/consumer/consumer.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { groupConsumer } from '../../../support/group-consumer.ts'

describe('a consumer in a group', () => {
  it('says what the group has committed', async () => {
    const { next, group, consumer, clock, write } = groupConsumer({ options: { commit: 'manual' } })
    write(['a', 'b', 'c'], 1)
    group.committed.set('orders-1', 2)
    await next()
    const committed = watch(consumer.committed())
    await clock.advance(10)
    expect(committed.value().map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, -1],
      [1, 2],
    ])
  })

  it('commits where it begins, so that nothing is passed over by who comes after a crash', async () => {
    const { next, group, write } = groupConsumer({ options: { startAt: 'latest' } })
    write(['a', 'b', 'c'], 1)
    await next(500)
    expect([...group.committed].toSorted()).toEqual([
      ['orders-0', 0],
      ['orders-1', 3],
    ])
  })

  it('ends its loops with the reason of a signal, and leaves the group', async () => {
    const stop = new AbortController()
    const { next, group, clock } = groupConsumer({ options: { signal: stop.signal } })
    const asked = await next()
    stop.abort(new Error('enough'))
    await clock.advance(100)
    expect(asked.error().message).toBe('enough')
    expect(group.leaves.length).toBe(1)
  })

  it('does not join when its signal was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const { next, cluster } = groupConsumer({ options: { signal } })
    expect((await next()).error().message).toBe('enough')
    expect(cluster.requestsOf(JoinGroup)).toEqual([])
  })

  it('leaves nothing behind in its signal, and no timer', async () => {
    const stop = new AbortController()
    const { next, clock, consumer } = groupConsumer({ options: { signal: stop.signal } })
    await next()
    expect(getEventListeners(stop.signal, 'abort').length).toBeGreaterThan(0)
    const closed = watch(consumer.close())
    await clock.advance(50)
    expect([closed.state(), clock.pendingTimers]).toEqual(['resolved', 0])
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  it('asks another coordinator what is committed when the one it knew is none any more', async () => {
    const { next, group, cluster, consumer, clock } = groupConsumer()
    await next()
    group.refuse(OffsetFetch, 'NOT_COORDINATOR')
    const committed = watch(consumer.committed())
    await clock.advance(1000)
    expect([committed.value().length, cluster.requestsOf(FindCoordinator).length]).toEqual([2, 2])
  })

  it('waits for handlers when it closes, though its partitions were not given by the group', async () => {
    const assignments = [{ topic: 'orders', partition: 0 }]
    const parts = groupConsumer({ options: { topics: [], assignments } })
    const { write, consumer, clock, group } = parts
    write(['a'])
    let finish = () => {}
    const eachRecord = () => new Promise<void>(resolve => (finish = resolve))
    const run = watch(consumer.run({ eachRecord }))
    await clock.advance(100)
    const closed = watch(consumer.close())
    await clock.advance(1000)
    expect(closed.state()).toBe('pending')
    finish()
    await clock.advance(50)
    expect([closed.state(), run.state()]).toEqual(['resolved', 'resolved'])
    expect(group.committed.get('orders-0')).toBe(1)
  })

  it('closes at once when it was never used', async () => {
    const { consumer, cluster } = groupConsumer()
    await consumer.close()
    expect(cluster.requests).toEqual([])
  })

  it('goes on from paused partitions when they are resumed', async () => {
    const { next, write, consumer, clock } = groupConsumer({ partitionsCount: 1 })
    const asked = await next(20)
    await consumer.pause()
    write(['a'])
    await clock.advance(1000)
    expect(asked.state()).toBe('pending')
    await consumer.resume()
    await clock.advance(50)
    expect(asked.state()).toBe('resolved')
  })

  it('refuses what only a group can do', async () => {
    const cluster = new FakeCluster()
    const consumer = new Consumer(settingsFor(cluster), { topics: ['t'] })
    await expect(consumer.commit()).rejects.toThrow('commit: this consumer has no groupId')
    await expect(consumer.committed()).rejects.toThrow('committed: this consumer has no groupId')
  })
})
