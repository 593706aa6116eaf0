/** A disk that has no room: produces are refused, everything else goes on, and when there is room again nothing has to be repaired. */
import {
  CreateTopics,
  DeleteRecords,
  errorName,
  IncrementalAlterConfigs,
  InitProducerId,
  Produce,
  recordsIn,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { type BrokerOn, brokerOn } from '../support/broker-on.ts'
import { Canary } from '../support/canary.ts'
import { DiskImage } from '../support/disk-image.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'

const settings = {
  'journal.file.bytes': '1048576',
  'journal.segment.sync.bytes': '100000',
  'journal.segment.sync.interval.ms': '50',
  'log.flush.offset.checkpoint.interval.ms': '50',
  'log.index.interval.bytes': '0',
}

async function clientOf(broker: BrokerOn) {
  const connection = await RawConnection.open(broker)
  const { producerId, producerEpoch } = await connection.request(InitProducerId, 4, {
    transactionalId: null,
    transactionTimeoutMs: -1,
    producerId: -1,
    producerEpoch: -1,
  })
  let sequence = 0
  let sent = 0
  /** What was acknowledged: the values in the order of their offsets. */
  const acknowledged: string[] = []
  const produce = async (topic: string, records: Uint8Array) => {
    const { responses } = await connection.request(Produce, 9, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    })
    const answer = responses[0]?.partitionResponses[0]
    return { error: errorName(answer?.errorCode ?? -1), baseOffset: answer?.baseOffset }
  }
  return {
    connection,
    acknowledged,
    produce,
    /** One record to `orders`, now by an idempotent producer, now by a plain one; a refused one is sent again the next time. */
    async next(paddingBytes = 500): Promise<string> {
      const value = `${sent}:${'x'.repeat(paddingBytes)}`
      const isIdempotent = sent % 2 === 0
      const producer = isIdempotent ? { producerId, producerEpoch, baseSequence: sequence } : {}
      const { error, baseOffset } = await produce(
        'orders',
        batchOf({ values: [value], ...producer }),
      )
      if (error !== 'NONE') return error
      expect(baseOffset).toBe(acknowledged.length)
      acknowledged.push(value)
      sent++
      if (isIdempotent) sequence++
      return error
    },
  }
}

async function valuesOf(canary: Canary, topic: string): Promise<string[]> {
  const values: string[] = []
  const end = await canary.endOf(topic)
  while (values.length < end) {
    for (const { offset, value } of recordsIn(await canary.recordsFrom(topic, values.length))) {
      expect(offset).toBe(values.length)
      values.push(`${value}`)
    }
  }
  return values
}

/** Room for this many more bytes. */
async function leave(disk: ModelDisk, freeBytes: number): Promise<void> {
  const { freeBytes: free, totalBytes } = await disk.space('/')
  disk.capacityBytes = totalBytes - free + freeBytes
}

async function given() {
  const disk = new ModelDisk(new DiskImage())
  disk.capacityBytes = 2 ** 30
  const broker = await brokerOn(disk, settings)
  const canary = await Canary.open(broker, [
    { name: 'orders', configs: { 'segment.bytes': '1048576' } },
  ])
  const client = await clientOf(broker)
  return { disk, broker, canary, client }
}

describe('a full disk', () => {
  it('refuses produces, serves reads, and takes produces again when space returns, at the next offset', async () => {
    const { disk, broker, canary, client } = await given()
    for (let index = 0; index < 20; index++) expect(await client.next()).toBe('NONE')
    for (const freeBytes of [60_000, 0, 100, 3_000]) {
      await leave(disk, freeBytes)
      let answer = 'NONE'
      for (let index = 0; index < 500 && answer === 'NONE'; index++) answer = await client.next()
      expect(answer).toBe('KAFKA_STORAGE_ERROR')
      const end = client.acknowledged.length
      for (let index = 0; index < 20; index++) {
        expect(await client.next(10_000)).toBe('KAFKA_STORAGE_ERROR')
      }
      expect(await canary.endOf('orders')).toBe(end)
      expect(await valuesOf(canary, 'orders')).toEqual(client.acknowledged)

      disk.capacityBytes = 2 ** 30
      while ((await client.next()) !== 'NONE');
      expect(client.acknowledged).toHaveLength(end + 1)
      expect(await client.next()).toBe('NONE')
      await canary.sings()
    }
    const values = await valuesOf(canary, 'orders')
    expect(values).toEqual(client.acknowledged)
    client.connection.destroy()
    canary.destroy()
    await broker.broker.stop()

    await using again = await brokerOn(disk, settings)
    const reader = await Canary.reopen(again)
    expect(await valuesOf(reader, 'orders')).toEqual(values)
    reader.destroy()
  })

  it('answers changes of the metadata as it answers produces, and makes them when space returns', async () => {
    const { disk, broker, canary, client } = await given()
    expect(await client.next()).toBe('NONE')
    const createTopic = async (name: string) => {
      const { topics } = await client.connection.request(CreateTopics, 7, {
        topics: [{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
        timeoutMs: 5000,
        validateOnly: false,
      })
      return errorName(topics[0]?.errorCode ?? -1)
    }
    const alter = async (value: string) => {
      const { responses } = await client.connection.request(IncrementalAlterConfigs, 1, {
        resources: [
          {
            resourceType: 2,
            resourceName: 'orders',
            configs: [{ name: 'retention.ms', configOperation: 0, value }],
          },
        ],
        validateOnly: false,
      })
      return errorName(responses[0]?.errorCode ?? -1)
    }
    const deleteRecords = async (offset: number) => {
      const { topics } = await client.connection.request(DeleteRecords, 2, {
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, offset }] }],
        timeoutMs: 5000,
      })
      return errorName(topics[0]?.partitions[0]?.errorCode ?? -1)
    }
    await leave(disk, 0)
    expect(await createTopic('late')).toBe('KAFKA_STORAGE_ERROR')
    expect(await alter('86400000')).toBe('KAFKA_STORAGE_ERROR')
    expect(await deleteRecords(1)).toBe('KAFKA_STORAGE_ERROR')
    expect((await client.produce('late', batchOf({ values: ['a'] }))).error).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION',
    )
    disk.capacityBytes = 2 ** 30
    expect(await createTopic('late')).toBe('NONE')
    expect(await alter('86400000')).toBe('NONE')
    expect(await deleteRecords(1)).toBe('NONE')
    let answer = await client.produce('late', batchOf({ values: ['a'] }))
    while (answer.error !== 'NONE')
      answer = await client.produce('late', batchOf({ values: ['a'] }))
    expect(answer.baseOffset).toBe(0)
    await canary.sings()
    client.connection.destroy()
    canary.destroy()
    await broker[Symbol.asyncDispose]()
  })

  it('lets a topic that was created in its last bytes be written when space returns', async () => {
    for (let freeBytes = 0; freeBytes <= 1200; freeBytes += 60) {
      const { disk, broker, canary, client } = await given()
      await leave(disk, freeBytes)
      const create = () =>
        client.connection.request(CreateTopics, 7, {
          topics: [
            { name: 'late', numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] },
          ],
          timeoutMs: 5000,
          validateOnly: false,
        })
      const errorCode = (await create()).topics[0]?.errorCode ?? -1
      expect(['NONE', 'KAFKA_STORAGE_ERROR']).toContain(errorName(errorCode))
      disk.capacityBytes = 2 ** 30
      if (errorName(errorCode) !== 'NONE') await create()
      const deadline = performance.now() + 5_000
      let answer = await client.produce('late', batchOf({ values: ['a'] }))
      while (answer.error !== 'NONE' && performance.now() < deadline) {
        answer = await client.produce('late', batchOf({ values: ['a'] }))
      }
      expect(answer, `with ${freeBytes} bytes left`).toEqual({ error: 'NONE', baseOffset: 0 })
      client.connection.destroy()
      canary.destroy()
      await broker[Symbol.asyncDispose]()
    }
  })

  it('does not let a broker start that could not put back what its journal holds', async () => {
    const { disk, canary, client } = await given()
    for (let index = 0; index < 30; index++) expect(await client.next()).toBe('NONE')
    // The power goes: the segments lose what was never synced, and the journal has it.
    const left = disk.imageAfter(disk.operations.length, operation =>
      operation.type === 'write' && operation.path.endsWith('.log') ? 'lost' : 'kept',
    )
    client.connection.destroy()
    canary.destroy()
    let refusals = 0
    for (const freeBytes of [0, 1_000, 8_000, 20_000, 1_000_000, 5_000_000]) {
      const after = new ModelDisk(left)
      await leave(after, freeBytes)
      const started = await brokerOn(after, settings).catch((error: unknown) => error as Error)
      if (started instanceof Error) {
        expect(started).toMatchObject({ name: 'DiskError', code: 'ENOSPC' })
        refusals++
      } else {
        await started[Symbol.asyncDispose]()
      }
      after.capacityBytes = 2 ** 30
      await using again = await brokerOn(after, settings)
      const reader = await Canary.reopen(again)
      expect(await valuesOf(reader, 'orders'), `after ${freeBytes}`).toEqual(client.acknowledged)
      reader.destroy()
    }
    expect(refusals).toBeGreaterThan(1)
  })

  it('makes a stop an unclean one, which loses nothing and lets go of the folder', async () => {
    const { disk, broker, canary, client } = await given()
    for (let index = 0; index < 10; index++) expect(await client.next()).toBe('NONE')
    client.connection.destroy()
    canary.destroy()
    await leave(disk, 0)
    await expect(broker.broker.stop()).rejects.toMatchObject({ code: 'ENOSPC' })
    disk.capacityBytes = 2 ** 30
    await using again = await brokerOn(disk, settings)
    const reader = await Canary.reopen(again)
    expect(await valuesOf(reader, 'orders')).toEqual(client.acknowledged)
    reader.destroy()
  })
})
