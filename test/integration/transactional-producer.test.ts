import { startBroker } from '@varve/broker'
import { Varve, type VarveOptions } from '@varve/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Connection } from '../../packages/client/src/network/connection.ts'

type Broker = Awaited<ReturnType<typeof startBroker>>

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
const clientOf = (broker: Broker, options: Partial<VarveOptions> = {}) =>
  new Varve({ brokers: [broker.address], log: quiet, ...options })

async function committed(varve: Varve, topic: string): Promise<string[]> {
  await using consumer = varve.consumer({
    topics: [topic],
    startAt: 'earliest',
    stopAtEnd: true,
    isolationLevel: 'read_committed',
  })
  const values: string[] = []
  for await (const record of consumer) values.push(String(record.value))
  return values.toSorted()
}

/** The client then takes the cluster for one that has not agreed on transactions v2. */
function pretendV1(): void {
  vi.spyOn(Connection.prototype, 'featureLevel').mockReturnValue(1)
}

afterEach(() => vi.restoreAllMocks())

async function withTopic(partitions: number) {
  const broker = await startBroker({ storage: 'memory' })
  const varve = clientOf(broker)
  await using admin = varve.admin()
  await admin.createTopics([{ name: 't', partitions }])
  return { broker, varve, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() }
}

describe('a transactional producer', () => {
  it('commits in all partitions, and takes back what was left without a commit', async () => {
    await using stage = await withTopic(3)
    await using producer = stage.varve.producer({ transactionalId: 'x' })
    {
      await using transaction = await producer.transaction()
      void transaction.send({ topic: 't', partition: 0, value: 'a' })
      void transaction.sendBatch([1, 2].map(partition => ({ topic: 't', partition, value: 'b' })))
      await transaction.commit()
    }
    {
      await using transaction = await producer.transaction()
      await transaction.send({ topic: 't', partition: 0, value: 'left' })
    }
    expect(await committed(stage.varve, 't')).toEqual(['a', 'b', 'b'])
  })

  it('is fenced by its successor, and says so', async () => {
    await using stage = await withTopic(1)
    await using producer = stage.varve.producer({ transactionalId: 'x' })
    await using successor = stage.varve.producer({ transactionalId: 'x' })
    await using transaction = await producer.transaction()
    await transaction.send({ topic: 't', value: 'of a zombie' })
    await successor.initTransactions()
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'FENCED' })
    await expect(producer.transaction()).rejects.toMatchObject({ code: 'FENCED' })
    expect(await committed(stage.varve, 't')).toEqual([])
  })

  it.each(['v1', 'v2'])('commits and aborts one after another with %s', async version => {
    if (version === 'v1') pretendV1()
    await using stage = await withTopic(2)
    await using producer = stage.varve.producer({ transactionalId: 'x' })
    const expected: string[] = []
    for (let index = 0; index < 30; index += 1) {
      const transaction = await producer.transaction()
      const values = [0, 1].map(partition => `${index}/${partition}`)
      void transaction.sendBatch(
        values.map((value, partition) => ({ topic: 't', partition, value })),
      )
      if (index % 3 === 2) await transaction.abort()
      else {
        await transaction.commit()
        expected.push(...values)
      }
    }
    expect(await committed(stage.varve, 't')).toEqual(expected.toSorted())
  })

  it.each(['v1', 'v2'])(
    'goes on when the broker restarts in mid-transaction with %s',
    async version => {
      if (version === 'v1') pretendV1()
      await using other = await startBroker({ storage: 'disk' })
      const settings = { directory: `${other.directory}-restarted-${version}` }
      const first = await startBroker(settings)
      const { port } = first
      const varve = clientOf(first, { reconnectBackoffMs: 10, retryBackoffMs: 10 })
      await using producer = varve.producer({ transactionalId: 'x' })
      const open = await producer.transaction()
      await open.send({ topic: 't', value: 'before' })
      await first.stop()
      void open.send({ topic: 't', value: 'meanwhile' })
      const committing = open.commit()
      await using second = await startBroker({ ...settings, port })
      await committing
      const next = await producer.transaction()
      await next.send({ topic: 't', value: 'aborted' })
      await next.abort()
      expect(second.port).toBe(port)
      expect(await committed(varve, 't')).toEqual(['before', 'meanwhile'])
    },
  )

  it.each(['v1', 'v2'])(
    'commits offsets of its group, as the member that owns them, with %s',
    async version => {
      if (version === 'v1') pretendV1()
      await using stage = await withTopic(1)
      const { varve } = stage
      await using plain = varve.producer()
      await plain.sendBatch(['a', 'b', 'c'].map(value => ({ topic: 't', value })))
      await using producer = varve.producer({ transactionalId: 'x' })
      const group = { groupId: 'g', topics: ['t'], startAt: 'earliest' } as const
      await using consumer = varve.consumer({ ...group, commit: 'manual' })
      const records = consumer[Symbol.asyncIterator]()
      const { value: record } = await records.next()
      {
        await using transaction = await producer.transaction()
        await transaction.sendOffsets({ consumer, offsets: record })
      }
      expect(await consumer.committed()).toMatchObject([{ offset: -1 }])
      {
        await using transaction = await producer.transaction()
        await transaction.sendOffsets({ consumer, offsets: record })
        await transaction.commit()
      }
      expect(await consumer.committed()).toMatchObject([{ offset: 1 }])
      const past = consumer.groupMetadata()
      await records.return?.()
      await consumer.close()
      await using transaction = await producer.transaction()
      const offsets = [{ topic: 't', partition: 0, offset: 3 }]
      await expect(transaction.sendOffsets({ groupMetadata: past, offsets })).rejects.toMatchObject(
        { code: 'TRANSACTION_FAILED', cause: { code: 'UNKNOWN_MEMBER_ID' } },
      )
    },
  )

  it('does not take offsets of a consumer that commits by itself', async () => {
    await using stage = await withTopic(1)
    await using producer = stage.varve.producer({ transactionalId: 'x' })
    await using consumer = stage.varve.consumer({ groupId: 'g', topics: ['t'] })
    await using transaction = await producer.transaction()
    const offsets = [{ topic: 't', partition: 0, offset: 1 }]
    await expect(transaction.sendOffsets({ consumer, offsets })).rejects.toThrow(
      'commit is "after-handling"; expected \'manual\'',
    )
  })

  it('hides what it aborted also from who begins to read in the middle of it', async () => {
    await using stage = await withTopic(1)
    const { varve } = stage
    await using producer = varve.producer({ transactionalId: 'x' })
    await using other = varve.producer({ transactionalId: 'y' })
    const kept = await other.transaction()
    {
      await using transaction = await producer.transaction()
      for (const value of ['0', '1', '2', '3']) {
        await transaction.send({ topic: 't', value: `aborted ${value}` })
        await kept.send({ topic: 't', value })
      }
    }
    await kept.commit()
    await using consumer = varve.consumer({
      assignments: [{ topic: 't', partition: 0, offset: 0 }],
      isolationLevel: 'read_committed',
      stopAtEnd: true,
    })
    for (const [offset, expected] of [
      [3, ['1', '2', '3']],
      [4, ['2', '3']],
      [7, ['3']],
      [0, ['0', '1', '2', '3']],
    ] as const) {
      await consumer.seek({ topic: 't', partition: 0 }, offset)
      const values: string[] = []
      for await (const { value } of consumer) values.push(String(value))
      expect(values).toEqual(expected)
    }
  })

  it('lives on after its transaction took too long with v2, and is fenced with v1', async () => {
    for (const version of ['v2', 'v1']) {
      if (version === 'v1') pretendV1()
      await using stage = await withTopic(1)
      const late = { transactionalId: 'x', transactionTimeoutMs: 1 }
      await using producer = stage.varve.producer(late)
      await using admin = stage.varve.admin()
      const transaction = await producer.transaction()
      await transaction.send({ topic: 't', value: 'late' })
      const isOpen = async () =>
        (await admin.listTransactions({ states: ['Ongoing', 'PrepareAbort'] })).length > 0
      while (await isOpen()) continue
      const code = version === 'v1' ? 'FENCED' : 'TRANSACTION_FAILED'
      await expect(transaction.commit()).rejects.toMatchObject({ code })
      await transaction[Symbol.asyncDispose]()
      const next = producer.transaction()
      if (version === 'v1') await expect(next).rejects.toMatchObject({ code })
      else await (await next).abort()
      expect(await committed(stage.varve, 't')).toEqual([])
    }
  })
})
