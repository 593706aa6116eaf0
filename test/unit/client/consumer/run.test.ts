import { describe, expect, it } from 'vitest'
import type { ConsumerRecord } from '../../../../packages/client/src/consumer/record.ts'
import type { RunOptions } from '../../../../packages/client/src/consumer/run-options.ts'
import { watch } from '../../../support/fake-client.ts'
import { groupConsumer } from '../../../support/group-consumer.ts'
import { batchOf } from '../../../support/record-batches.ts'

/** A run whose handlers are finished by the test, by the value of the record. */
function running(options: Partial<RunOptions>, partitionsCount = 2) {
  const parts = groupConsumer({ partitionsCount, options: { commit: { intervalMs: 10 } } })
  const atWork = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  const begun: string[] = []
  const start = () =>
    watch(
      parts.consumer.run({
        eachRecord: (record: ConsumerRecord) => {
          begun.push(String(record.value))
          return new Promise<void>((resolve, reject) => {
            atWork.set(String(record.value), { resolve, reject })
          })
        },
        ...options,
      }),
    )
  const finish = async (value: string) => {
    atWork.get(value)?.resolve()
    atWork.delete(value)
    await parts.clock.advance(50)
  }
  const fail = async (value: string) => {
    atWork.get(value)?.reject(new Error(`${value} failed`))
    atWork.delete(value)
    await parts.clock.advance(50)
  }
  return { ...parts, start, finish, fail, atWork, begun }
}

describe('run', () => {
  it('handles one record after another by default, and commits what is handled', async () => {
    const { start, write, clock, finish, atWork, group } = running({})
    write(['a', 'b'])
    start()
    await clock.advance(50)
    expect([...atWork.keys()]).toEqual(['a'])
    await finish('a')
    expect([...atWork.keys()]).toEqual(['b'])
    expect(group.committed.get('orders-0')).toBe(1)
  })

  it('has several partitions handled at once, each in order', async () => {
    const { start, write, clock, finish, begun } = running({ concurrency: 4 })
    write(['a0', 'a1'], 0)
    write(['b0', 'b1'], 1)
    start()
    await clock.advance(50)
    expect(begun.toSorted()).toEqual(['a0', 'b0'])
    await finish('b0')
    expect(begun.at(-1)).toBe('b1')
    await finish('a0')
    expect(begun.at(-1)).toBe('a1')
  })

  it('keeps the order of a key while others overtake it, and commits no further than it', async () => {
    const { start, cluster, clock, finish, begun, group } = running({
      concurrency: 3,
      orderBy: 'key',
    })
    for (const value of ['x0', 'y0', 'x1', 'y1', 'z0'])
      cluster.append(
        'orders',
        0,
        batchOf({ values: [value], key: Buffer.from(value.slice(0, 1)), timestamp: 1 }),
      )
    start()
    await clock.advance(50)
    expect(begun).toEqual(['x0', 'y0', 'z0'])
    await finish('y0')
    expect(begun).toEqual(['x0', 'y0', 'z0', 'y1'])
    await finish('y1')
    await finish('z0')
    expect(group.committed.get('orders-0')).toBe(0)
    await finish('x0')
    expect(group.committed.get('orders-0')).toBe(2)
    await finish('x1')
    expect(group.committed.get('orders-0')).toBe(5)
  })

  it('handles records without a key in any order', async () => {
    const { start, write, clock, begun } = running({ concurrency: 2, orderBy: 'key' }, 1)
    write(['a', 'b', 'c'])
    start()
    await clock.advance(50)
    expect(begun).toEqual(['a', 'b'])
  })

  it('throws what a handler throws, after the others are done, and reads on from there when run again', async () => {
    const { start, write, clock, finish, fail, begun, group } = running({ concurrency: 2 })
    write(['a0', 'a1'], 0)
    write(['b0'], 1)
    const run = start()
    await clock.advance(50)
    await fail('a0')
    expect(run.state()).toBe('pending')
    await finish('b0')
    expect(run.error().message).toBe('a0 failed')
    expect(group.committed.get('orders-0')).toBe(0)
    start()
    await clock.advance(50)
    expect(begun.toSorted()).toEqual(['a0', 'a0', 'b0'])
  })

  it('goes back no further than what a handler committed before it failed', async () => {
    const { consumer, write, clock, group } = groupConsumer()
    write(['a', 'b', 'c', 'd', 'e'])
    const seen: string[][] = []
    const eachBatch: RunOptions['eachBatch'] = async ({ records }) => {
      seen.push(records.map(({ value }) => String(value)))
      await consumer.commit(records[2] as ConsumerRecord)
      throw new Error('the fourth is bad')
    }
    const run = watch(consumer.run({ eachBatch }))
    await clock.advance(100)
    expect(run.error().message).toBe('the fourth is bad')
    watch(consumer.run({ eachBatch: batch => void seen.push(batch.records.map(String)) }))
    await clock.advance(100)
    expect(seen.map(({ length }) => length)).toEqual([5, 2])
    void consumer.close()
    await clock.advance(100)
    expect(group.commits.flatMap(({ offsets }) => offsets).at(-1)).toBe('orders-0@5')
    expect(group.committed.get('orders-0')).toBe(5)
  })

  it('does not take the end of a handler for that of the one that repeats it after a seek', async () => {
    const { start, cluster, consumer, clock, finish, begun, group } = running(
      { concurrency: 4, orderBy: 'key' },
      1,
    )
    const key = Buffer.from('x')
    cluster.append('orders', 0, batchOf({ values: ['x0'], key, timestamp: 1 }))
    start()
    await clock.advance(50)
    await consumer.seek({ topic: 'orders', partition: 0 }, 0)
    await clock.advance(50)
    await finish('x0')
    expect(begun).toEqual(['x0', 'x0'])
    await clock.advance(200)
    expect(group.committed.get('orders-0')).toBe(0)
    await finish('x0')
    expect(group.committed.get('orders-0')).toBe(1)
  })

  it('hands over what comes before a record that cannot be read, and throws then', async () => {
    const { cluster, consumer, write, clock, group } = groupConsumer({ partitionsCount: 1 })
    write(['a', 'b'])
    const damaged = Buffer.from(batchOf({ values: ['c'], timestamp: 1 }))
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1)
    cluster.append('orders', 0, damaged)
    const seen: string[] = []
    const eachBatch: RunOptions['eachBatch'] = ({ records }) =>
      void seen.push(...records.map(({ value }) => String(value)))
    const run = watch(consumer.run({ eachBatch }))
    await clock.advance(300)
    expect(seen).toEqual(['a', 'b'])
    expect(run.error().message).toContain('checksum')
    expect(group.committed.get('orders-0')).toBe(2)
  })

  it('hands over batches', async () => {
    const batches: string[][] = []
    const eachBatch: RunOptions['eachBatch'] = batch => {
      batches.push(batch.records.map(({ value }) => String(value)))
    }
    const { consumer, write, clock, group } = groupConsumer()
    write(['a', 'b', 'c'])
    const run = watch(consumer.run({ eachBatch }))
    await clock.advance(200)
    expect(batches).toEqual([['a', 'b', 'c']])
    expect(group.committed.get('orders-0')).toBe(3)
    expect(run.state()).toBe('pending')
  })

  it('waits for handlers before it gives their partitions up, and begins nothing new of them', async () => {
    const { start, write, clock, finish, begun, group, events } = running({ concurrency: 2 })
    write(['a0', 'a1'], 0)
    start()
    await clock.advance(50)
    group.isRebalancing = true
    await clock.advance(4000)
    expect(events).toEqual(['assigned 0 1'])
    await finish('a0')
    expect(events).toEqual(['assigned 0 1', 'revoked 0 1', 'assigned 0 1'])
    expect(group.commits.at(-1)?.offsets).toContain('orders-0@1')
    expect(begun).toEqual(['a0', 'a1'])
  })

  it('tells a handler when its partition was lost, and takes no notice of how it ends', async () => {
    const signals: AbortSignal[] = []
    const eachRecord: RunOptions['eachRecord'] = (_record, { signal }) => {
      signals.push(signal)
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted'))),
      )
    }
    const { consumer, write, clock, group } = groupConsumer()
    write(['a'])
    const run = watch(consumer.run({ eachRecord }))
    await clock.advance(100)
    group.expel()
    await clock.advance(4000)
    expect(signals[0]?.aborted).toBe(true)
    expect(run.state()).toBe('pending')
    expect(signals.length).toBe(2)
  })

  it('stops by its signal after what is at work, and can be started again', async () => {
    const stop = new AbortController()
    const { start, write, clock, finish, begun } = running({ signal: stop.signal })
    write(['a', 'b'])
    const run = start()
    await clock.advance(50)
    stop.abort()
    await clock.advance(10)
    expect(run.state()).toBe('pending')
    await finish('a')
    expect(run.state()).toBe('resolved')
    expect(begun).toEqual(['a'])
  })

  it('ends with the consumer, in bounded time, when a handler hangs', async () => {
    const { start, write, clock, consumer, group } = running({})
    write(['a'])
    const run = start()
    await clock.advance(50)
    const closed = watch(consumer.close())
    await clock.advance(10_100)
    expect([closed.state(), run.state()]).toEqual(['resolved', 'resolved'])
    expect(group.committed.get('orders-0')).toBe(0)
    expect(group.leaves.length).toBe(1)
  })

  it('may not be started twice at once', async () => {
    const { start, clock } = running({})
    start()
    await clock.advance(50)
    expect((await settled(start(), clock)).error().message).toContain('running already')
  })

  it('may not be started twice in one turn either', async () => {
    const { start, clock } = running({})
    start()
    expect((await settled(start(), clock)).error().message).toContain('running already')
  })

  it('stays out of the group while its handler hangs, and joins again when that is done', async () => {
    const options = { maxPollIntervalMs: 10_000 }
    const { consumer, write, clock, group } = groupConsumer({ options })
    write(['a', 'b'])
    const finish: (() => void)[] = []
    const eachRecord = () => new Promise<void>(resolve => finish.push(resolve))
    const run = watch(consumer.run({ eachRecord }))
    await clock.advance(60_000)
    expect([group.leaves.length, group.joins.length]).toEqual([1, 2])
    finish[0]?.()
    await clock.advance(100)
    expect([finish.length, group.generationId, run.state()]).toEqual([2, 2, 'pending'])
  })

  it('ends at the end when told to, without a group too', async () => {
    const { consumer, write, clock } = groupConsumer({ options: { stopAtEnd: true } })
    write(['a', 'b'])
    const seen: string[] = []
    const run = watch(consumer.run({ eachRecord: ({ value }) => void seen.push(String(value)) }))
    await clock.advance(200)
    expect([run.state(), seen]).toEqual(['resolved', ['a', 'b']])
  })
})

async function settled<T>(watched: T, clock: { settle(): Promise<void> }): Promise<T> {
  await clock.settle()
  return watched
}
