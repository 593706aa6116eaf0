import { OffsetCommit } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { ConsumerRecord } from '../../../../packages/client/src/consumer/record.ts'
import { watch } from '../../../support/fake-client.ts'
import { groupConsumer, valueOf } from '../../../support/group-consumer.ts'

const values = Array.from({ length: 100 }, (_, index) => `v${index}`)

describe('Committer', () => {
  it('commits soon after records were handled, many at once', async () => {
    const { next, write, cluster, group, clock } = groupConsumer()
    write(values)
    for (let count = 0; count < 60; count += 1) await next(0)
    await clock.advance(60)
    expect(group.committed.get('orders-0')).toBe(59)
    expect(cluster.requestsOf(OffsetCommit).length).toBeLessThan(4)
  })

  it('has one commit under way at a time', async () => {
    const { next, write, cluster, clock } = groupConsumer()
    cluster.always(OffsetCommit, () => 'silence')
    write(values)
    for (let count = 0; count < 60; count += 1) await next(5)
    await clock.advance(1000)
    expect(cluster.requestsOf(OffsetCommit).length).toBe(1)
  })

  it('commits at its interval', async () => {
    const { next, write, group, clock } = groupConsumer({
      options: { commit: { intervalMs: 5000 } },
    })
    write(values)
    for (let count = 0; count < 10; count += 1) await next(100)
    expect(group.commits).toEqual([])
    await clock.advance(5000)
    expect(group.committed.get('orders-0')).toBe(9)
  })

  it('does not go back behind what the reader committed itself, before it is moved', async () => {
    const options = { commit: { intervalMs: 1000 } }
    const { next, write, group, clock, consumer } = groupConsumer({ options })
    write(values)
    await next()
    const second = (await next()).value().value as ConsumerRecord
    const committed = watch(consumer.commit(second))
    await clock.advance(3000)
    committed.value()
    expect(group.committed.get('orders-0')).toBe(2)
    await consumer.seek({ topic: 'orders', partition: 0 }, 1)
    await next()
    await next()
    await clock.advance(3000)
    expect(group.committed.get('orders-0')).toBe(2)
    await consumer.seek({ topic: 'orders', partition: 0 }, 0)
    const closed = watch(consumer.close())
    await next(100)
    expect([closed.state(), group.committed.get('orders-0')]).toEqual(['resolved', 0])
  })

  it('leaves it to the caller when told to, with what is in hand', async () => {
    const options = { commit: 'manual' } as const
    const { next, write, group, clock, consumer } = groupConsumer({ options })
    write(values)
    await next()
    await next()
    await clock.advance(10_000)
    expect(group.commits).toEqual([])
    const committed = watch(consumer.commit())
    await clock.advance(10)
    expect(committed.state()).toBe('resolved')
    expect(group.committed.get('orders-0')).toBe(2)
    const closed = watch(consumer.close())
    await next(100)
    expect([closed.state(), group.commits.length]).toEqual(['resolved', 1])
  })

  it.each(['COORDINATOR_LOAD_IN_PROGRESS', 'REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR'] as const)(
    'tries again after %s',
    async name => {
      const { next, write, group, clock, consumer } = groupConsumer({
        options: { commit: 'manual' },
      })
      write(values)
      await next()
      group.refuse(OffsetCommit, name, name)
      const committed = watch(consumer.commit())
      await clock.advance(1000)
      expect([committed.state(), group.committed.get('orders-0')]).toEqual(['resolved', 1])
    },
  )

  it('says what is wrong with a commit that cannot succeed', async () => {
    const { next, write, group, clock, consumer } = groupConsumer({ options: { commit: 'manual' } })
    write(values)
    await next()
    group.refuse(OffsetCommit, 'OFFSET_METADATA_TOO_LARGE')
    const committed = watch(
      consumer.commit([{ topic: 'orders', partition: 0, offset: 1, metadata: 'm' }]),
    )
    await clock.advance(100)
    expect(committed.error().code).toBe('OFFSET_METADATA_TOO_LARGE')
  })

  it('does not hold up the end for a topic that is gone', async () => {
    const { next, write, cluster, consumer, lines } = groupConsumer()
    write(values)
    await next()
    cluster.always(OffsetCommit, ({ topics }) => ({
      topics: topics.map(({ name, topicId, partitions }) => ({
        name,
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 100 })),
      })),
    }))
    await next()
    const closed = watch(consumer.close())
    await next(2000)
    expect(closed.state()).toBe('resolved')
    const message = 'what was handled could not be committed before partitions were given up'
    expect(lines.map(line => line.message)).toContain(message)
  })

  it('says why a commit did not succeed in time', async () => {
    const { next, write, group, cluster, clock, consumer } = groupConsumer()
    write(values)
    await next()
    cluster.always(OffsetCommit, () => 'close')
    const committed = watch(consumer.commit())
    await clock.advance(61_000)
    expect(committed.error()).toMatchObject({ code: 'TIMED_OUT' })
    expect(committed.error().message).toContain('the connection to broker-1:9092 was closed')
    expect(group.memberId).toBe('member-1')
  })

  it('ends the reading when its own commits cannot succeed', async () => {
    const { next, write, group, clock } = groupConsumer()
    group.refuse(OffsetCommit, 'GROUP_AUTHORIZATION_FAILED')
    write(values)
    await next()
    await next()
    await clock.advance(100)
    expect((await next()).error().code).toBe('GROUP_AUTHORIZATION_FAILED')
  })

  it('never sends under a new generation what was handled under an old one', async () => {
    const { next, write, group, clock, consumer } = groupConsumer({ options: { commit: 'manual' } })
    write(values)
    const record = (await next()).value().value
    group.expel()
    const committed = watch(consumer.commit(record as never))
    await clock.advance(5000)
    expect(committed.error().code).toBe('FENCED')
    expect(group.commits).toEqual([])
    expect(group.generationId).toBeGreaterThan(1)
    const again = watch(consumer.commit(record as never))
    await clock.advance(10)
    expect(again.error().code).toBe('FENCED')
  })

  it('tells the membership that a commit was refused, which joins again at once', async () => {
    const { next, write, group, clock } = groupConsumer()
    write(values)
    await next()
    group.expel()
    expect(valueOf(await next(1))).toBe('v1')
    await clock.advance(200)
    expect(group.memberId).toBe('member-2')
  })
})
