import { startBroker } from '@varve/broker'
import { Varve, type VarveOptions } from '@varve/client'
import { describe, expect, it } from 'vitest'

type Broker = Awaited<ReturnType<typeof startBroker>>

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
const clientOf = (broker: Broker, options: Partial<VarveOptions> = {}) =>
  new Varve({ brokers: [broker.address], log: quiet, ...options })

async function readAll(varve: Varve, topic: string): Promise<string[]> {
  await using consumer = varve.consumer({ topics: [topic], startAt: 'earliest', stopAtEnd: true })
  const values: string[] = []
  for await (const record of consumer) values.push(String(record.value))
  return values
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `value ${index}`)

describe('client and broker', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'carry records with compression %s',
    async compression => {
      await using broker = await startBroker({ storage: 'memory' })
      const varve = clientOf(broker)
      await using admin = varve.admin()
      await admin.createTopics([{ name: 'orders', partitions: 1 }])
      await using producer = varve.producer({ compression })
      await producer.sendBatch(numbers(5000).map(value => ({ topic: 'orders', value })))
      expect(await readAll(varve, 'orders')).toEqual(numbers(5000))
    },
  )

  it('carry keys, headers, nulls and times as they were sent', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const varve = clientOf(broker)
    await using producer = varve.producer()
    const timestamp = 1_600_000_000_123
    const bytes = Buffer.from([0, 255, 7])
    await producer.send({
      topic: 't',
      key: 'k',
      value: bytes,
      timestamp,
      headers: { a: 'x', b: null },
    })
    await producer.send({
      topic: 't',
      key: null,
      value: null,
      headers: [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ],
    })
    await using consumer = varve.consumer({ topics: ['t'], startAt: 'earliest', stopAtEnd: true })
    const records = []
    for await (const record of consumer) records.push(record)
    expect(records.map(({ topic, partition, offset }) => ({ topic, partition, offset }))).toEqual([
      { topic: 't', partition: 0, offset: 0 },
      { topic: 't', partition: 0, offset: 1 },
    ])
    expect(records[0]).toMatchObject({ timestamp, key: Buffer.from('k'), value: bytes })
    expect(records[0]?.headers).toEqual([
      { key: 'a', value: Buffer.from('x') },
      { key: 'b', value: null },
    ])
    expect(records[1]).toMatchObject({ key: null, value: null })
    expect(records[1]?.headers.map(({ value }) => String(value))).toEqual(['1', '2'])
  })

  it('seek by offset, by time, to the beginning and to the end', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const varve = clientOf(broker)
    await using producer = varve.producer({ batchSizeBytes: 500 })
    await producer.sendBatch(
      numbers(100).map((value, index) => ({
        topic: 't',
        value,
        timestamp: 1_700_000_000_000 + index * 1000,
      })),
    )
    await using consumer = varve.consumer({
      topics: ['t'],
      startAt: { timestamp: 1_700_000_000_000 + 41_500 },
    })
    const at = { topic: 't', partition: 0 }
    const next = async () => (await consumer[Symbol.asyncIterator]().next()).value?.offset
    expect(await next()).toBe(42)
    await consumer.seek(at, 7)
    expect(await next()).toBe(7)
    await consumer.seek(at, { timestamp: 1_700_000_000_000 + 90_000 })
    expect(await next()).toBe(90)
    await consumer.seek(at, 'beginning')
    expect(await next()).toBe(0)
    await consumer.seek(at, 'end')
    expect(await consumer.position(at)).toBe(100)
    await producer.send({ topic: 't', value: 'last' })
    expect(await next()).toBe(100)
    expect((await consumer.endOffsets())[0]).toMatchObject({ offset: 101, error: undefined })
  })

  it('lose nothing and repeat nothing when the broker restarts in between', async () => {
    await using first = await startBroker({ storage: 'disk' })
    const settings = { directory: `${first.directory}-restarted` }
    const one = await startBroker(settings)
    const { port } = one
    const varve = clientOf(one, { reconnectBackoffMs: 10, retryBackoffMs: 10 })
    await using producer = varve.producer()
    await using consumer = varve.consumer({ topics: ['t'], startAt: 'earliest' })
    const sent = numbers(50).map(value => producer.send({ topic: 't', value }))
    await Promise.all(sent)
    const read: string[] = []
    const records = consumer[Symbol.asyncIterator]()
    for (let count = 0; count < 50; count += 1)
      read.push(String((await records.next()).value?.value))
    await one.stop()
    const waiting = numbers(50).map(value => producer.send({ topic: 't', value: `later ${value}` }))
    await using _two = await startBroker({ ...settings, port })
    await Promise.all(waiting)
    for (let count = 0; count < 50; count += 1)
      read.push(String((await records.next()).value?.value))
    expect(read).toEqual([...numbers(50), ...numbers(50).map(value => `later ${value}`)])
  })

  it('look after topics, settings and offsets', async () => {
    await using broker = await startBroker({ storage: 'memory' })
    const varve = clientOf(broker)
    await using admin = varve.admin()
    const [created, again] = [
      ...(await admin.createTopics([
        { name: 'a', partitions: 2, configs: { 'retention.ms': 1000 } },
      ])),
      ...(await admin.createTopics([{ name: 'a' }])),
    ]
    expect(created).toMatchObject({ name: 'a', partitions: 2, error: undefined })
    expect(again?.error).toMatchObject({ code: 'TOPIC_ALREADY_EXISTS', retriable: false })
    expect(await admin.createPartitions([{ topic: 'a', count: 3 }])).toEqual([
      { topic: 'a', error: undefined },
    ])
    const [described, missing] = await admin.describeTopics(['a', 'missing'])
    expect(described?.partitions).toHaveLength(3)
    expect(missing?.error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect((await admin.listTopics()).map(({ name }) => name)).toContain('a')

    const resource = { type: 'topic', name: 'a' } as const
    await admin.incrementalAlterConfigs([
      { ...resource, set: { 'segment.bytes': 1_048_576 }, remove: ['retention.ms'] },
    ])
    const [configs] = await admin.describeConfigs([resource], { includeSynonyms: true })
    const byName = new Map(configs?.configs.map(config => [config.name, config]))
    expect(byName.get('segment.bytes')).toMatchObject({ value: '1048576', source: 'topic' })
    expect(byName.get('retention.ms')?.source).toBe('default')

    await using producer = varve.producer()
    await producer.sendBatch(numbers(10).map(value => ({ topic: 'a', partition: 1, value })))
    const [deleted] = await admin.deleteRecords([{ topic: 'a', partition: 1, offset: 4 }])
    expect(deleted).toMatchObject({ lowWatermark: 4, error: undefined })
    const offsets = await admin.listOffsets([
      { topic: 'a', partition: 1, at: 'earliest' },
      { topic: 'a', partition: 1, at: 'latest' },
      { topic: 'missing', partition: 0, at: 'latest' },
    ])
    expect(offsets.map(({ offset }) => offset)).toEqual([4, 10, -1])
    expect(offsets[2]?.error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    const [epochEnd] = await admin.offsetForLeaderEpoch([
      { topic: 'a', partition: 1, leaderEpoch: offsets[1]?.leaderEpoch ?? 0 },
    ])
    expect(epochEnd).toMatchObject({ endOffset: 10, error: undefined })

    const cluster = await admin.describeCluster()
    expect(cluster).toMatchObject({ clusterId: broker.clusterId, brokers: [{ port: broker.port }] })
    const directories = await admin.describeLogDirs()
    expect(
      directories.flatMap(({ partitions }) => partitions).filter(({ topic }) => topic === 'a'),
    ).toHaveLength(3)
    expect(await admin.deleteTopics(['a'])).toEqual([{ name: 'a', error: undefined }])
  })
})
