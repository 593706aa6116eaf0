import { InitProducerId, Produce, RecordBatch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import type { ProducerOptions } from '../../../../packages/client/src/producer/options.ts'
import { Producer } from '../../../../packages/client/src/producer/producer.ts'
import { SendBatchError } from '../../../../packages/client/src/producer/record.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { recordingLog, settingsFor, watch } from '../../../support/fake-client.ts'

function producing(options: ProducerOptions = {}, brokersCount = 1) {
  const cluster = new FakeCluster(brokersCount)
  cluster.addTopic('orders', 1)
  const { log, lines } = recordingLog()
  const producer = new Producer(settingsFor(cluster, { log }), options)
  const { clock } = cluster.platform
  const send = (value: string) => watch(producer.send({ topic: 'orders', value }))
  return { cluster, producer, clock, send, lines }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`)

describe('Producer', () => {
  it('resolves each send with where its record was written', async () => {
    const { producer, clock, send } = producing()
    const sent = [send('a'), send('b')]
    await clock.settle()
    const at = clock.now()
    expect(sent.map(({ value }) => value())).toEqual([
      { topic: 'orders', partition: 0, offset: 0, timestamp: at },
      { topic: 'orders', partition: 0, offset: 1, timestamp: at },
    ])
    await producer.close()
  })

  it('gathers the records of one turn into one batch', async () => {
    const { cluster, clock, send } = producing()
    for (const value of numbers(100)) send(value)
    await clock.settle()
    expect(cluster.requestsOf(Produce)).toHaveLength(1)
    expect(cluster.values('orders', 0)).toEqual(numbers(100))
  })

  it('lets a batch linger, and sends it early on flush', async () => {
    const { cluster, producer, clock, send } = producing({ lingerMs: 20 })
    send('a')
    await clock.advance(10)
    send('b')
    expect(cluster.values('orders', 0)).toEqual([])
    await clock.advance(10)
    expect(cluster.values('orders', 0)).toEqual(['a', 'b'])
    const last = send('c')
    const flushed = watch(producer.flush())
    await clock.settle()
    expect(flushed.state()).toBe('resolved')
    expect(last.value().offset).toBe(2)
  })

  it('keeps the order when a batch in the middle has to be sent again', async () => {
    const { cluster, clock, send } = producing({ batchSizeBytes: 1 })
    cluster.next(Produce, () => undefined)
    cluster.next(Produce, request => ({
      responses: [
        {
          ...request.topicData[0],
          partitionResponses: [{ index: 0, errorCode: 6, baseOffset: -1 }],
        },
      ],
    }))
    const sent = numbers(8).map(send)
    await clock.advance(1000)
    expect(sent.map(({ value }) => value().offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(cluster.values('orders', 0)).toEqual(numbers(8))
  })

  it('writes a batch once when its answer was lost', async () => {
    const { cluster, clock, send } = producing({ batchSizeBytes: 1 })
    cluster.next(Produce, (request, at) => {
      cluster.produce(request, at)
      return 'close'
    })
    const sent = numbers(5).map(send)
    await clock.advance(2000)
    expect(sent.map(({ value }) => value().offset)).toEqual([0, 1, 2, 3, 4])
    expect(cluster.values('orders', 0)).toEqual(numbers(5))
  })

  it('goes on under a new producer id when the broker has lost the sequence', async () => {
    const { cluster, clock, send, lines } = producing()
    send('a')
    await clock.settle()
    const [, producer] = [...cluster.partition('orders', 0).producers][0] ?? []
    producer?.batches.splice(0, 1, { first: 90, last: 99, baseOffset: 0 })
    const sent = send('b')
    await clock.advance(500)
    expect(sent.value().offset).toBe(1)
    expect(cluster.requestsOf(InitProducerId)).toHaveLength(2)
    const ids = cluster
      .partition('orders', 0)
      .batches.map(bytes => new RecordBatch(bytes).producerId)
    expect(new Set(ids).size).toBe(2)
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it('goes on after a batch that was refused for good, without a gap in the sequence', async () => {
    const { cluster, clock, send } = producing({ batchSizeBytes: 1 })
    cluster.next(Produce, () => undefined)
    cluster.next(Produce, request => ({
      responses: [
        {
          ...request.topicData[0],
          partitionResponses: [{ index: 0, errorCode: 87, baseOffset: -1, errorMessage: 'no key' }],
        },
      ],
    }))
    const sent = numbers(6).map(send)
    await clock.advance(2000)
    expect(sent[1]?.error()).toMatchObject({ code: 'INVALID_RECORD' })
    expect(sent[1]?.error().message).toContain('no key')
    expect(cluster.values('orders', 0)).toEqual(['v0', 'v2', 'v3', 'v4', 'v5'])
  })

  it('splits a batch that is too large for the broker', async () => {
    const { cluster, clock, send } = producing()
    const limitBytes = 200
    cluster.always(Produce, request => {
      const topic = request.topicData[0]
      const { records = Buffer.alloc(0), index = 0 } = (topic?.partitionData[0] ?? {}) as {
        records?: Uint8Array
        index?: number
      }
      if (records.length <= limitBytes) return undefined
      return {
        responses: [{ ...topic, partitionResponses: [{ index, errorCode: 10, baseOffset: -1 }] }],
      }
    })
    const sent = numbers(40).map(send)
    await clock.advance(1000)
    expect(sent.map(({ value }) => value().offset)).toEqual(numbers(40).map((_, index) => index))
    expect(cluster.values('orders', 0)).toEqual(numbers(40))
  })

  it('fails the one record that is too large by itself', async () => {
    const { cluster, clock, send } = producing()
    cluster.next(Produce, request => ({
      responses: [
        {
          ...request.topicData[0],
          partitionResponses: [{ index: 0, errorCode: 10, baseOffset: -1 }],
        },
      ],
    }))
    const large = send('x'.repeat(1000))
    await clock.advance(100)
    const next = send('small')
    await clock.advance(100)
    expect(large.error()).toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
    expect(next.value().offset).toBe(0)
  })

  it('gives a record up after deliveryTimeoutMs, and says what was wrong', async () => {
    const { cluster, clock, send } = producing({ deliveryTimeoutMs: 3000 })
    cluster.always(Produce, request => ({
      responses: [
        {
          ...request.topicData[0],
          partitionResponses: [{ index: 0, errorCode: 19, baseOffset: -1 }],
        },
      ],
    }))
    const sent = send('a')
    await clock.advance(2900)
    expect(sent.state()).toBe('pending')
    await clock.advance(200)
    expect(sent.error()).toMatchObject({ code: 'TIMED_OUT' })
    expect(sent.error().message).toContain('orders-0')
  })

  it('fails a record on time while its request is still under way', async () => {
    const { cluster, clock, send, producer } = producing({ deliveryTimeoutMs: 1000 })
    cluster.next(Produce, () => 'silence')
    const sent = send('a')
    await clock.advance(1000)
    expect(sent.error()).toMatchObject({ code: 'TIMED_OUT' })
    await clock.advance(30_000)
    const later = send('b')
    await clock.advance(100)
    expect(later.value().offset).toBe(0)
    await producer.close()
  })

  it('follows the leader that the answer names, without waiting', async () => {
    const { cluster, clock, send } = producing({}, 2)
    const first = send('a')
    await clock.settle()
    expect(first.value().offset).toBe(0)
    cluster.next(Produce, request => {
      cluster.moveLeader('orders', 0, 2)
      return {
        responses: [
          {
            ...request.topicData[0],
            partitionResponses: [
              {
                index: 0,
                errorCode: 6,
                baseOffset: -1,
                currentLeader: { leaderId: 2, leaderEpoch: 1 },
              },
            ],
          },
        ],
        nodeEndpoints: [{ nodeId: 2, host: 'broker-2', port: 9092, rack: null }],
      }
    })
    const second = send('b')
    await clock.settle()
    expect(second.value().offset).toBe(1)
    expect(cluster.requests.at(-1)).toMatchObject({ api: 'Produce', brokerId: 2 })
  })

  it('waits for room, and keeps the order of what waited', async () => {
    const { cluster, producer, clock, send } = producing({
      bufferMemoryBytes: 400,
      batchSizeBytes: 100,
    })
    cluster.next(Produce, () => 'silence')
    const sent = numbers(30).map(send)
    const ready = watch(producer.ready())
    await clock.settle()
    expect(producer.hasRoom).toBe(false)
    expect(ready.state()).toBe('pending')
    await clock.advance(60_000)
    expect(sent.map(({ value }) => value().offset)).toEqual(numbers(30).map((_, index) => index))
    expect(cluster.values('orders', 0)).toEqual(numbers(30))
    expect(ready.state()).toBe('resolved')
  })

  it('sends a batch of many records with one promise', async () => {
    const { cluster, producer, clock } = producing({ batchSizeBytes: 100 })
    const sent = watch(producer.sendBatch(numbers(20).map(value => ({ topic: 'orders', value }))))
    await clock.settle()
    const ranges = sent.value()
    expect(ranges.reduce((count, { recordsCount }) => count + recordsCount, 0)).toBe(20)
    expect(ranges[0]).toMatchObject({ topic: 'orders', partition: 0, baseOffset: 0 })
    expect(cluster.values('orders', 0)).toEqual(numbers(20))
  })

  it('refuses a batch that is no array of records, which would never be settled', async () => {
    const { producer } = producing()
    await expect(producer.sendBatch({ topic: 'orders', records: [] } as never)).rejects.toThrow(
      'records is {"topic":"orders","records":[]}; expected an array of records, each with its topic',
    )
    await expect(producer.sendBatch([])).resolves.toEqual([])
  })

  it('says which records of a batch were not written', async () => {
    const { producer, clock } = producing()
    const sent = watch(
      producer.sendBatch([
        { topic: 'orders', value: 'a' },
        { topic: 'orders', value: 7 as unknown as string },
        { topic: 'orders', value: 'b', partition: 5 },
      ]),
    )
    await clock.settle()
    const error = sent.error() as unknown as SendBatchError
    expect(error).toBeInstanceOf(SendBatchError)
    expect(error.failed.map(({ index }) => index)).toEqual([1, 2])
    expect(error.failed[1]?.error.message).toContain('partition is 5; expected 0 to 0')
    expect(error.sent).toEqual([{ topic: 'orders', partition: 0, baseOffset: 0, recordsCount: 1 }])
  })

  it('does not wait for answers with acks 0', async () => {
    const { cluster, clock, send } = producing({ acks: 0 })
    const sent = send('a')
    await clock.settle()
    expect(sent.value().offset).toBe(-1)
    expect(cluster.values('orders', 0)).toEqual(['a'])
    expect(cluster.requestsOf(InitProducerId)).toHaveLength(0)
  })

  it('waits for a topic that is not there yet', async () => {
    const { cluster, clock, producer } = producing()
    const sent = watch(producer.send({ topic: 'later', value: 'a' }))
    const second = watch(producer.send({ topic: 'later', value: 'b' }))
    await clock.advance(500)
    cluster.addTopic('later', 1)
    await clock.advance(2000)
    expect([sent.value().offset, second.value().offset]).toEqual([0, 1])
  })

  it('fails the records of a topic that never comes, with the reason', async () => {
    const { clock, producer } = producing()
    const sent = watch(producer.send({ topic: 'nowhere', value: 'a' }))
    await clock.advance(61_000)
    expect(sent.error()).toMatchObject({ code: 'TIMED_OUT' })
    expect(sent.error().message).toContain('UNKNOWN_TOPIC_OR_PARTITION')
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('compresses with %s', async compression => {
    const { cluster, clock, send } = producing({ compression })
    for (const value of numbers(50)) send(value)
    await clock.settle()
    expect(cluster.values('orders', 0)).toEqual(numbers(50))
    expect(new RecordBatch(cluster.partition('orders', 0).batches[0] as Buffer).compression).toBe(
      compression,
    )
  })

  it('sends what waits before it closes, and takes nothing after', async () => {
    const { cluster, clock, producer, send } = producing({ lingerMs: 1000 })
    const sent = send('a')
    const closed = watch(producer.close())
    const late = send('b')
    await clock.settle()
    expect(closed.state()).toBe('resolved')
    expect(sent.value().offset).toBe(0)
    expect(late.error()).toMatchObject({ code: 'CLOSED' })
    expect(cluster.values('orders', 0)).toEqual(['a'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('refuses options that cannot work, by name', () => {
    const make = (options: object) => () => producing(options as ProducerOptions)
    expect(make({ acks: 2 })).toThrow('acks is 2; expected one of -1, 0, 1')
    expect(make({ lingerMs: -1 })).toThrow('lingerMs is -1; expected an integer from 0 to 3600000')
    expect(make({ idempotent: true, acks: 1 })).toThrow('expected acks -1 with idempotence')
    expect(make({ linger: 5 })).toThrow('producer: there is no option linger')
  })
})
