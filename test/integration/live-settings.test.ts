/** Settings of a broker that are changed while it runs count for the next thing that asks for them. */
import {
  ApiVersions,
  CreateTopics,
  errorName,
  IncrementalAlterConfigs,
  InitProducerId,
  Produce,
} from '@varve/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { type BrokerOn, brokerOn } from '../support/broker-on.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'

const disk = new MemoryDisk({ now: Date.now, capacityBytes: 2 ** 34 })
let broker: BrokerOn

beforeAll(async () => {
  broker = await brokerOn(disk)
  await using connection = await RawConnection.open(broker)
  const topic = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  const topics = [{ name: 'orders', ...topic }]
  await connection.request(CreateTopics, 7, { topics, timeoutMs: 5000, validateOnly: false })
})

afterAll(() => broker[Symbol.asyncDispose]())

async function change(name: string, value: string | null, resourceName = ''): Promise<void> {
  await using connection = await RawConnection.open(broker)
  const configs = [{ name, value, configOperation: value === null ? 1 : 0 }]
  const { responses } = await connection.request(IncrementalAlterConfigs, 1, {
    resources: [{ resourceType: 4, resourceName, configs }],
    validateOnly: false,
  })
  expect(errorName(responses[0]?.errorCode ?? -1)).toBe('NONE')
}

async function produce(bytes: number, attributes: object = {}): Promise<string> {
  await using connection = await RawConnection.open(broker)
  const records = batchOf({ values: ['x'.repeat(bytes)], timestamp: Date.now(), ...attributes })
  const { responses } = await connection.request(Produce, 9, {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
  })
  return errorName(responses[0]?.partitionResponses[0]?.errorCode ?? -1)
}

const segments = async (): Promise<number> =>
  ((await disk.list('/data/orders-0')) ?? []).filter(({ name }) => name.endsWith('.log')).length

it('message.max.bytes, of all brokers and over that of one', async () => {
  expect(await produce(5000)).toBe('NONE')
  await change('message.max.bytes', '2000')
  expect(await produce(5000)).toBe('MESSAGE_TOO_LARGE')
  await change('message.max.bytes', '9000', '1')
  expect(await produce(5000)).toBe('NONE')
  await change('message.max.bytes', null, '1')
  expect(await produce(5000)).toBe('MESSAGE_TOO_LARGE')
  await change('message.max.bytes', null)
  expect(await produce(5000)).toBe('NONE')
})

it('log.segment.bytes', async () => {
  const before = await segments()
  expect(await produce(600_000)).toBe('NONE')
  await change('log.segment.bytes', '1048576')
  expect(await produce(600_000)).toBe('NONE')
  expect(await segments()).toBe(before + 1)
  await change('log.segment.bytes', null)
})

it('log.message.timestamp.after.max.ms', async () => {
  const future = { timestamp: Date.now() + 30 * 60_000 }
  expect(await produce(10, future)).toBe('NONE')
  await change('log.message.timestamp.after.max.ms', '60000')
  expect(await produce(10, future)).toBe('INVALID_TIMESTAMP')
  await change('log.message.timestamp.after.max.ms', null)
})

it('max.connections.per.ip and its overrides', async () => {
  const isServed = async (): Promise<boolean> => {
    await using connection = await RawConnection.open(broker)
    return await connection.request(ApiVersions, 0, {}).then(
      () => true,
      () => false,
    )
  }
  await using kept = await RawConnection.open(broker)
  await using second = await RawConnection.open(broker)
  for (const each of [kept, second]) await each.request(ApiVersions, 0, {})
  expect(await isServed()).toBe(true)
  await change('max.connections.per.ip', '2')
  // Those that are open stay.
  await kept.request(ApiVersions, 0, {})
  expect(await isServed()).toBe(false)
  const overrides = {
    resourceType: 4,
    resourceName: '',
    configs: [
      { name: 'max.connections.per.ip.overrides', value: '127.0.0.1:9', configOperation: 0 },
    ],
  }
  await kept.request(IncrementalAlterConfigs, 1, { resources: [overrides], validateOnly: false })
  expect(await isServed()).toBe(true)
})

it('transaction.partition.verification.enable', async () => {
  await using connection = await RawConnection.open(broker)
  const of = async (transactionalId: string) => {
    const request = { transactionalId, transactionTimeoutMs: 60_000 }
    const { producerId, producerEpoch } = await connection.request(InitProducerId, 4, request)
    return { producer: { producerId, producerEpoch, baseSequence: 0 }, transactionalId }
  }
  const write = async ({ producer, transactionalId }: Awaited<ReturnType<typeof of>>) => {
    const records = batchOf({ values: ['x'], ...producer, isTransactional: true })
    const { responses } = await connection.request(Produce, 9, {
      transactionalId,
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
    })
    return errorName(responses[0]?.partitionResponses[0]?.errorCode ?? -1)
  }
  expect(await write(await of('one'))).toBe('INVALID_TXN_STATE')
  await change('transaction.partition.verification.enable', 'false')
  expect(await write(await of('two'))).toBe('NONE')
})
