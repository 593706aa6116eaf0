import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningBroker, startBroker } from '@varve/broker'
import {
  CreateTopics,
  Fetch,
  InitProducerId,
  ListOffsets,
  Metadata,
  nodeCodecs,
  Produce,
  RecordBatch,
  recordsOf,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { batchOf } from '../support/memory-broker.ts'
import { RawConnection } from '../support/raw-connection.ts'

async function createTopic(
  connection: RawConnection,
  name: string,
  numPartitions = 1,
): Promise<string> {
  const { topics } = await connection.request(CreateTopics, 7, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5000,
    validateOnly: false,
  })
  expect(topics[0]?.errorCode).toBe(0)
  return topics[0]?.topicId ?? ''
}

const produceTo = (topicId: string, index: number, records: Buffer, acks = -1) => ({
  acks,
  timeoutMs: 10_000,
  topicData: [{ topicId, partitionData: [{ index, records }] }],
})

const fetchFrom = (
  topicId: string,
  fetchOffset: number,
  wait: { maxWaitMs: number; minBytes?: number } = { maxWaitMs: 0 },
) => ({
  maxWaitMs: wait.maxWaitMs,
  minBytes: wait.minBytes ?? 1,
  isolationLevel: 0,
  topics: [{ topicId, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1_000_000 }] }],
  forgottenTopicsData: [],
})

function valuesIn(records: Uint8Array | null | undefined): string[] {
  const values: string[] = []
  const codecs = nodeCodecs()
  for (let position = 0; records !== null && records !== undefined && position < records.length; ) {
    const batch = new RecordBatch(records, position)
    for (const record of recordsOf(batch, codecs))
      values.push(`${record.offset}:${String(record.value)}`)
    position += batch.sizeBytes
  }
  return values
}

const open = (broker: RunningBroker) => RawConnection.open(broker)

describe.each(['memory', 'disk'] as const)('a broker in this process, on %s', storage => {
  it('gives back what was produced, in order, once', async () => {
    await using broker = await startBroker({ storage })
    await using connection = await open(broker)
    const topicId = await createTopic(connection, 'orders')
    for (let index = 0; index < 5; index++)
      connection.send(Produce, 13, produceTo(topicId, 0, batchOf([`a${index}`, `b${index}`])))
    for (let index = 0; index < 5; index++) {
      const { responses } = await connection.next(Produce, 13)
      expect(responses[0]?.partitionResponses[0]).toMatchObject({
        errorCode: 0,
        baseOffset: index * 2,
      })
    }
    const { responses } = await connection.request(Fetch, 16, fetchFrom(topicId, 0))
    const partition = responses[0]?.partitions[0]
    expect(partition).toMatchObject({ errorCode: 0, highWatermark: 10, logStartOffset: 0 })
    expect(valuesIn(partition?.records)).toEqual(
      [0, 1, 2, 3, 4].flatMap(index => [`${2 * index}:a${index}`, `${2 * index + 1}:b${index}`]),
    )
  })

  it('wakes a long poll with the first record', async () => {
    await using broker = await startBroker({ storage })
    await using producer = await open(broker)
    await using consumer = await open(broker)
    const topicId = await createTopic(producer, 'orders')
    consumer.send(Fetch, 16, fetchFrom(topicId, 0, { maxWaitMs: 20_000 }))
    await producer.request(Metadata, 12, { topics: [], includeTopicAuthorizedOperations: false })
    await producer.request(Produce, 13, produceTo(topicId, 0, batchOf(['hello'])))
    const { responses } = await consumer.next(Fetch, 16)
    expect(valuesIn(responses[0]?.partitions[0]?.records)).toEqual(['0:hello'])
  })

  it('answers a long poll early when another request stands behind it', async () => {
    await using broker = await startBroker({ storage })
    await using connection = await open(broker)
    const topicId = await createTopic(connection, 'orders')
    connection.send(Fetch, 16, fetchFrom(topicId, 0, { maxWaitMs: 60_000 }))
    connection.send(ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    })
    const { responses } = await connection.next(Fetch, 16)
    expect(responses[0]?.partitions[0]).toMatchObject({ errorCode: 0 })
    const { topics } = await connection.next(ListOffsets, 7)
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, offset: 0 })
  })

  it('gives every idempotent producer an id of its own', async () => {
    await using broker = await startBroker({ storage })
    await using connection = await open(broker)
    const ids = new Set<number>()
    for (let index = 0; index < 20; index++)
      connection.send(InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 0 })
    for (let index = 0; index < 20; index++) {
      const { errorCode, producerId, producerEpoch } = await connection.next(InitProducerId, 4)
      expect([errorCode, producerEpoch]).toEqual([0, 0])
      ids.add(producerId)
    }
    expect(ids.size).toBe(20)
  })

  it('tells clients the address that they came by', async () => {
    await using broker = await startBroker({ storage })
    await using connection = await open(broker)
    const { brokers } = await connection.request(Metadata, 12, {
      topics: [],
      includeTopicAuthorizedOperations: false,
    })
    expect(brokers).toMatchObject([{ host: '127.0.0.1', port: broker.port }])
  })
})

describe('a broker in this process', () => {
  it('has its records again after a stop and a start in the same folder', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'varve-test-'))
    try {
      let topicId: string
      {
        await using broker = await startBroker({ directory })
        await using connection = await open(broker)
        topicId = await createTopic(connection, 'orders')
        await connection.request(Produce, 13, produceTo(topicId, 0, batchOf(['kept'])))
      }
      await using broker = await startBroker({ directory })
      await using connection = await open(broker)
      const { responses } = await connection.request(Fetch, 16, fetchFrom(topicId, 0))
      expect(valuesIn(responses[0]?.partitions[0]?.records)).toEqual(['0:kept'])
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it('runs beside others', async () => {
    await using first = await startBroker({ storage: 'memory' })
    await using second = await startBroker()
    expect(first.port).not.toBe(second.port)
    expect(first.clusterId).not.toBe(second.clusterId)
    await using connection = await open(second)
    await createTopic(connection, 'orders')
  })

  it('refuses a port that is taken and a folder that is in use', async () => {
    await using broker = await startBroker()
    await expect(startBroker({ port: broker.port, storage: 'memory' })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await expect(startBroker({ directory: broker.directory ?? '' })).rejects.toMatchObject({
      code: 'ELOCKED',
    })
  })

  it('may be stopped twice', async () => {
    const broker = await startBroker({ storage: 'memory' })
    await Promise.all([broker.stop(), broker.stop()])
    await broker.stop()
  })

  it('answers what waits when it stops', async () => {
    const broker = await startBroker({ storage: 'memory' })
    await using connection = await open(broker)
    const topicId = await createTopic(connection, 'orders')
    connection.send(Fetch, 16, fetchFrom(topicId, 0, { maxWaitMs: 60_000 }))
    await using other = await open(broker)
    await other.request(Metadata, 12, { topics: [], includeTopicAuthorizedOperations: false })
    const stopped = broker.stop()
    expect((await connection.next(Fetch, 16)).errorCode).toBe(0)
    await connection.closed
    await stopped
  })
})
