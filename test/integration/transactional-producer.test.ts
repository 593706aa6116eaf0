import { startBroker } from '@varve/broker'
import { Varve, type VarveOptions } from '@varve/client'
import { describe, expect, it } from 'vitest'

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
})
