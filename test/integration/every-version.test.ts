/** Every version of every API that the broker offers is answered with content: a version that lacks a field must not be given one. */
import {
  type Api,
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  Produce,
  ZERO_UUID,
} from '@varve/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { handlers } from '../../packages/broker/src/handlers/index.ts'
import { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { allowAll } from '../../packages/broker/src/security/authorizer.ts'
import { DiskError } from '../../packages/broker/src/world.ts'
import { type BrokerOn, brokerOn } from '../support/broker-on.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'
import { type At, expectError, first } from '../support/version-cases/case.ts'
import { versionCases } from '../support/version-cases/index.ts'

const nobodyIsDenied = (_action: string): boolean => false
const denied = { is: nobodyIsDenied }

const disk = new MemoryDisk({ now: Date.now, capacityBytes: 2 ** 34 })
let topicsCount = 0
let broker: BrokerOn
let orders: At<Api>['orders']
let users: At<Api>['users']

/** Three records of a second each: 1, 2 and 3 s after the epoch. */
const records = [1000, 2000, 3000].map(timestamp =>
  batchOf({ values: [`${timestamp / 1000 - 1}`], timestamp, key: Buffer.from('key') }),
)

async function makeTopic(
  name: string,
  configs: { readonly [name: string]: string } = {},
): Promise<{ readonly name: string; readonly topicId: string }> {
  await using connection = await RawConnection.open(broker)
  const { topics } = await connection.request(CreateTopics, 7, {
    topics: [
      {
        ...{ name, numPartitions: 1, replicationFactor: 1, assignments: [] },
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 5000,
    validateOnly: false,
  })
  expectError(first(topics).errorCode, 'NONE')
  for (const batch of records) await write(connection, name, batch)
  return { name, topicId: first(topics).topicId }
}

async function write(connection: RawConnection, name: string, batch: Uint8Array): Promise<void> {
  const { responses } = await connection.request(Produce, 9, {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name, partitionData: [{ index: 0, records: batch }] }],
  })
  expectError(first(first(responses).partitionResponses).errorCode, 'NONE')
}

beforeAll(async () => {
  vi.spyOn(allowAll, 'authorize').mockImplementation(
    (_connection, { operation, resourceType, resourceName }) =>
      !denied.is(`${operation} ${resourceType} ${resourceName}`),
  )
  broker = await brokerOn(disk)
  orders = await makeTopic('orders')
  users = await makeTopic('users', { 'cleanup.policy': 'compact' })
  await broker.broker.abort(new Error('the broker is to crash'))
  // The folder is told as it is, not as it was given.
  broker = await brokerOn(disk, { 'log.dirs': './data' })
  await using connection = await RawConnection.open(broker)
  await write(connection, 'orders', batchOf({ values: ['last'], timestamp: 9000 }))
})

afterAll(async () => {
  vi.restoreAllMocks()
  await broker[Symbol.asyncDispose]()
})

/** Asks on a connection of its own, which must still be open afterwards. */
async function asking<T>(ask: (at: At<Api>) => Promise<T>, api: Api, version: number) {
  await using connection = await RawConnection.open(broker)
  const space = vi.spyOn(disk, 'space')
  try {
    await ask({
      version,
      ...{ orders, users },
      ask: request => connection.request(api, version, request),
      also: (other, ofVersion, request) => connection.request(other, ofVersion, request),
      tell: request => connection.send(api, version, request),
      newName: () => `topic-${topicsCount++}`,
      newTopic: configs => makeTopic(`topic-${topicsCount++}`, configs),
      deny: isDenied => {
        denied.is = isDenied
      },
      breakSpace: () => void space.mockRejectedValue(new DiskError('measure', '/data', 'EIO')),
    })
  } finally {
    denied.is = nobodyIsDenied
    space.mockRestore()
  }
  expectError((await connection.request(ApiVersions, 0, {})).errorCode, 'NONE')
  expect(connection.isClosed).toBe(false)
}

describe.each(handlers.map(({ api }) => ({ api, name: api.name })))('$name', ({ api }) => {
  const [oldest, newest] = api.versions
  const versions = Array.from({ length: newest - oldest + 1 }, (_, index) => oldest + index)
  const cases = versionCases.filter(one => one.api.key === api.key)

  it.each(versions)('version %i is answered, whatever there is to say', async version => {
    const asked = cases.filter(({ since, until }) => since <= version && version <= until)
    expect(asked.length).toBeGreaterThanOrEqual(1)
    const errorsBefore = broker.errors.length
    for (const one of asked) {
      await asking(at => one.run(at), api, version).catch((error: unknown) => {
        throw new Error(`${one.title}: ${(error as Error).message}`, { cause: error })
      })
    }
    expect(broker.errors.slice(errorsBefore)).toEqual([])
  })
})

it('says what it answers, and nothing else', async () => {
  await using connection = await RawConnection.open(broker)
  const { apiKeys } = await connection.request(ApiVersions, 4, {
    ...{ clientSoftwareName: 'varve', clientSoftwareVersion: '1.0' },
  })
  const offered = handlers.map(({ api }) => {
    // KAFKA-18659: librdkafka wants to hear of a Produce that begins at 0.
    const minVersion = api.key === Produce.key ? 0 : api.versions[0]
    return { apiKey: api.key, minVersion, maxVersion: api.versions[1] }
  })
  expect(apiKeys).toEqual(offered.sort((one, other) => one.apiKey - other.apiKey))
})

it('has cases for what the broker offers, and for nothing else', () => {
  const offered = new Set(handlers.map(({ api }) => api.name))
  expect(new Set(versionCases.map(({ api }) => api.name))).toEqual(offered)
})

it.each([1, 2, 3, 4, 5, 6])(
  'DeleteTopics version %i says that deletion is disabled',
  async version => {
    await using strict = await brokerOn(new MemoryDisk({ now: Date.now, capacityBytes: 2 ** 34 }), {
      'delete.topic.enable': 'false',
    })
    await using connection = await RawConnection.open(strict)
    const { responses } = await connection.request(DeleteTopics, version, {
      ...(version < 6
        ? { topicNames: ['orders'] }
        : { topics: [{ name: 'orders', topicId: ZERO_UUID }] }),
      timeoutMs: 1000,
    })
    const error = version < 3 ? 'INVALID_REQUEST' : 'TOPIC_DELETION_DISABLED'
    expectError(first(responses).errorCode, error)
  },
)
