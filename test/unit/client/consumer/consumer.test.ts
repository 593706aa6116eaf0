import { Fetch, ListOffsets, OffsetForLeaderEpoch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Consumer } from '../../../../packages/client/src/consumer/consumer.ts'
import type { ConsumerOptions } from '../../../../packages/client/src/consumer/options.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { recordingLog, settingsFor, watch } from '../../../support/fake-client.ts'
import { groupConsumer } from '../../../support/group-consumer.ts'
import { batchOf } from '../../../support/record-batches.ts'

const at = { topic: 'orders', partition: 0 }

function consuming(options: Partial<ConsumerOptions>, partitionsCount = 1, brokersCount = 1) {
  const cluster = new FakeCluster(brokersCount)
  cluster.addTopic('orders', partitionsCount)
  const { log, lines } = recordingLog()
  const { clock } = cluster.platform
  const make = () => {
    const topics = options.assignments === undefined ? { topics: ['orders'] } : {}
    const consumer = new Consumer(settingsFor(cluster, { log }), { ...topics, ...options })
    const records = consumer[Symbol.asyncIterator]()
    const next = async (ms = 0) => {
      const result = watch(records.next())
      await clock.advance(ms)
      return result
    }
    return { consumer, records, next }
  }
  const write = (values: readonly string[], partition = 0) =>
    cluster.append('orders', partition, batchOf({ values, timestamp: 1000 }))
  return { cluster, clock, lines, write, make }
}

const valueOf = (result: { value(): IteratorResult<{ value: Buffer | null }> }) =>
  String(result.value().value?.value)

describe('Consumer', () => {
  it('reads from the beginning, in order, and what comes later', async () => {
    const { write, make } = consuming({ startAt: 'earliest' })
    write(['a', 'b'])
    const { next, consumer } = make()
    expect(valueOf(await next())).toBe('a')
    expect(valueOf(await next())).toBe('b')
    const later = await next(20)
    expect(later.state()).toBe('pending')
    write(['c'])
    await next(50)
    expect(valueOf(later)).toBe('c')
    await consumer.close()
  })

  it('begins at the end by default', async () => {
    const { write, make } = consuming({})
    write(['old'])
    const { next, consumer } = make()
    const first = await next(20)
    write(['new'])
    await next(50)
    expect(valueOf(first)).toBe('new')
    expect(first.value().value.offset).toBe(1)
    await consumer.close()
  })

  it('stops at the end that was there when it began', async () => {
    const { write, make } = consuming({ startAt: 'earliest', stopAtEnd: true }, 2)
    write(['a', 'b'], 0)
    write(['c'], 1)
    const { next, consumer } = make()
    const seen = [valueOf(await next()), valueOf(await next())]
    write(['later'], 0)
    seen.push(valueOf(await next()))
    expect(seen.toSorted()).toEqual(['a', 'b', 'c'])
    expect((await next()).value().done).toBe(true)
    await consumer.close()
  })

  it('ends at once where there is nothing', async () => {
    const { make } = consuming({ startAt: 'earliest', stopAtEnd: true }, 3)
    const { next } = make()
    expect((await next()).value().done).toBe(true)
  })

  it('drops records of a batch that lie before the position', async () => {
    const { write, make } = consuming({ assignments: [{ ...at, offset: 2 }] })
    write(['a', 'b', 'c'])
    const { next } = make()
    expect(valueOf(await next())).toBe('c')
  })

  it('seeks to a time, and drops what was fetched before', async () => {
    const { cluster, make } = consuming({ startAt: 'earliest' })
    for (const timestamp of [1000, 2000, 3000]) {
      cluster.append('orders', 0, batchOf({ values: [`at ${timestamp}`], timestamp }))
    }
    const { next, consumer, clock } = { ...make(), clock: cluster.platform.clock }
    expect(valueOf(await next())).toBe('at 1000')
    const sought = watch(consumer.seek(at, { timestamp: 2500 }))
    await clock.settle()
    expect(sought.state()).toBe('resolved')
    expect(valueOf(await next())).toBe('at 3000')
    const position = watch(consumer.position(at))
    await clock.settle()
    expect(position.value()).toBe(3)
  })

  it('gives nothing of a paused partition until it is resumed', async () => {
    const { write, make, clock } = consuming({ startAt: 'earliest' }, 2)
    write(['a0', 'a1'], 0)
    write(['b0', 'b1'], 1)
    const { next, consumer } = make()
    const paused = watch(consumer.pause([at]))
    await clock.settle()
    expect(paused.state()).toBe('resolved')
    expect([valueOf(await next()), valueOf(await next())]).toEqual(['b0', 'b1'])
    const waiting = await next(10)
    expect(waiting.state()).toBe('pending')
    void consumer.resume([at])
    await clock.advance(10)
    expect(valueOf(waiting)).toBe('a0')
    await consumer.close()
  })

  it('does not wait for the position of a partition that was taken away', async () => {
    const { cluster, group, consumer, next, clock } = groupConsumer({
      options: { startAt: 'latest' },
    })
    cluster.always(ListOffsets, () => 'silence')
    await next()
    const position = watch(consumer.position(at))
    group.expel()
    await clock.advance(4000)
    expect(position.error()).toMatchObject({ code: 'FENCED' })
  })

  it('goes on from its policy when the position is no longer in the log', async () => {
    const { cluster, write, make, lines } = consuming({
      assignments: [{ ...at, offset: 0 }],
      autoOffsetReset: 'earliest',
    })
    write(['a', 'b', 'c'])
    cluster.partition('orders', 0).logStartOffset = 1
    const { next } = make()
    expect((await next()).value().value.offset).toBe(1)
    expect(lines.some(({ level, message }) => level === 'warn' && message.includes('reset'))).toBe(
      true,
    )
  })

  it('throws when the position is no longer in the log and there is no policy', async () => {
    const { cluster, write, make } = consuming({
      assignments: [{ ...at, offset: 0 }],
      autoOffsetReset: 'none',
    })
    write(['a', 'b', 'c'])
    cluster.partition('orders', 0).logStartOffset = 1
    const { next, consumer } = make()
    expect((await next()).error()).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    const sought = watch(consumer.seek(at, 'beginning'))
    await cluster.platform.clock.settle()
    expect(sought.state()).toBe('resolved')
    expect((await next()).value().value.offset).toBe(1)
  })

  it('follows a leader that moved, after it validated its position there', async () => {
    const { cluster, write, make } = consuming({ startAt: 'earliest' }, 1, 2)
    cluster.always(OffsetForLeaderEpoch, request => ({
      topics: [
        {
          topic: 'orders',
          partitions: [
            {
              errorCode: 0,
              partition: 0,
              leaderEpoch: request.topics[0]?.partitions[0]?.leaderEpoch,
              endOffset: 1,
            },
          ],
        },
      ],
    }))
    write(['a'])
    const { next, consumer } = make()
    expect(valueOf(await next())).toBe('a')
    cluster.moveLeader('orders', 0, 2)
    write(['b'])
    const second = await next(1000)
    expect(valueOf(second)).toBe('b')
    expect(
      cluster.requests.some(
        ({ api, brokerId }) => api === 'OffsetForLeaderEpoch' && brokerId === 2,
      ),
    ).toBe(true)
    await consumer.close()
  })

  it('notices that records it has read are gone after a change of leader', async () => {
    const { cluster, write, make, lines } = consuming(
      { startAt: 'earliest', autoOffsetReset: 'earliest' },
      1,
      2,
    )
    cluster.always(OffsetForLeaderEpoch, () => ({
      topics: [
        {
          topic: 'orders',
          partitions: [{ errorCode: 0, partition: 0, leaderEpoch: 0, endOffset: 1 }],
        },
      ],
    }))
    write(['a'])
    write(['lost'])
    const { next, consumer } = make()
    await next()
    expect(valueOf(await next())).toBe('lost')
    cluster.partition('orders', 0).batches.pop()
    cluster.moveLeader('orders', 0, 2)
    write(['instead'])
    const third = await next(1000)
    expect(valueOf(third)).toBe('instead')
    expect(third.value().value.offset).toBe(1)
    expect(lines.some(({ message }) => message.includes('no longer in the log'))).toBe(true)
    await consumer.close()
  })

  it('throws on a checksum that is wrong, and goes on behind it after a seek', async () => {
    const { cluster, write, make } = consuming({ startAt: 'earliest' })
    write(['a'])
    write(['spoilt'])
    write(['c'])
    const spoilt = cluster.partition('orders', 0).batches[1] as Buffer
    spoilt[spoilt.length - 3] = 0x7f
    const { next, consumer } = make()
    expect(valueOf(await next())).toBe('a')
    expect((await next()).error()).toMatchObject({ code: 'CORRUPT_MESSAGE' })
    expect((await next()).error().message).toContain('orders-0 at offset 1')
    await consumer.seek(at, 2)
    expect(valueOf(await next())).toBe('c')
    await consumer.close()
  })

  it('survives the loss of its connection', async () => {
    const { cluster, write, make } = consuming({ startAt: 'earliest' })
    write(['a'])
    const { next, consumer } = make()
    expect(valueOf(await next())).toBe('a')
    cluster.dropConnections(1)
    write(['b'])
    expect(valueOf(await next(2000))).toBe('b')
    await consumer.close()
  })

  it('reports a partition that cannot be read, and reads it when it can', async () => {
    const { cluster, write, make, lines } = consuming({ startAt: 'earliest' })
    write(['a'])
    const { next, consumer } = make()
    cluster.down.add(1)
    cluster.dropConnections(1)
    cluster.always(Fetch, () => 'close')
    const first = await next(9000)
    expect(first.state()).toBe('pending')
    cluster.down.delete(1)
    cluster.always(Fetch, () => undefined)
    await next(5000)
    expect(valueOf(first)).toBe('a')
    expect(lines.filter(({ level }) => level === 'warn').length).toBeGreaterThan(0)
    await consumer.close()
  })

  it('throws what retrying cannot cure', async () => {
    const { cluster, write, make } = consuming({ startAt: 'earliest' })
    write(['a'])
    cluster.always(ListOffsets, request => ({
      topics: request.topics.map(({ name }) => ({
        name,
        partitions: [{ partitionIndex: 0, errorCode: 29 }],
      })),
    }))
    const { next } = make()
    expect((await next()).error()).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' })
  })

  it('ends its loops when it is closed, and when its signal aborts', async () => {
    const { clock, make } = consuming({})
    const { next, consumer } = make()
    const waiting = await next(10)
    void consumer.close()
    await clock.settle()
    expect(waiting.value().done).toBe(true)
    expect((await next()).value().done).toBe(true)
    expect(clock.pendingTimers).toBe(0)

    const abort = new AbortController()
    const { make: makeOther } = consuming({ signal: abort.signal })
    const other = makeOther()
    const aborted = await other.next(10)
    abort.abort(new Error('enough'))
    await clock.settle()
    expect(aborted.error().message).toBe('enough')
  })

  it('hands records out in portions', async () => {
    const { write, make, clock } = consuming({ startAt: 'earliest', stopAtEnd: true })
    write(['a', 'b'])
    write(['c'])
    const { consumer } = make()
    const batches = consumer.batches()
    const first = watch(batches.next())
    await clock.settle()
    const { records, ...rest } = first.value().value
    expect(rest).toEqual({ topic: 'orders', partition: 0, highWatermark: 3 })
    expect(records.map(({ value }: { value: Buffer }) => String(value))).toEqual(['a', 'b', 'c'])
    const end = watch(batches.next())
    await clock.settle()
    expect(end.value().done).toBe(true)
  })

  it('reads partitions that are added later, from their beginning', async () => {
    const { cluster, write, make } = consuming({})
    const { next, consumer } = make()
    const first = await next(10)
    cluster.addPartition('orders')
    write(['new'], 1)
    await next(400_000)
    expect(valueOf(first)).toBe('new')
    await consumer.close()
  })

  it('refuses what it cannot read, by name', () => {
    const make = (options: Partial<ConsumerOptions>) => () => consuming(options).make()
    expect(make({ topics: [] })).toThrow('neither topics nor assignments')
    expect(make({ startAt: 'first' as never })).toThrow('startAt is "first"; expected an offset')
    expect(make({ isolationLevel: 'any' as never })).toThrow(
      'isolationLevel is "any"; expected one of',
    )
  })
})
