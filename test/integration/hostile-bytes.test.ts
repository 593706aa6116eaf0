/** The rows of the table of hostile inputs (docs/protocol.md): whatever arrives, another connection does not notice. */
import { type Log, startBroker } from '@varve/broker'
import { ApiVersions, CreateTopics, Fetch, ListOffsets, Metadata, Produce } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { batchOf } from '../support/memory-broker.ts'
import { RawConnection } from '../support/raw-connection.ts'

async function given(settings: { [name: string]: string | number } = {}) {
  const lines: { message: string; fields: { [name: string]: unknown } }[] = []
  const write = (message: string, fields: { readonly [name: string]: unknown } = {}) =>
    void lines.push({ message, fields })
  const log: Log = { error: write, warn: write, info: write, debug: write, with: () => log }
  const broker = await startBroker({ storage: 'memory', settings, log })
  const canary = await RawConnection.open(broker)
  await canary.request(CreateTopics, 7, {
    topics: [
      { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ],
    timeoutMs: 5000,
    validateOnly: false,
  })
  return {
    broker,
    lines,
    connect: () => RawConnection.open(broker),
    /** Another connection writes and is answered: the broker is well. */
    async isWell() {
      const { responses } = await canary.request(Produce, 9, {
        acks: -1,
        timeoutMs: 10_000,
        topicData: [{ name: 'orders', partitionData: [{ index: 0, records: batchOf(['well']) }] }],
      })
      expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
    },
    async [Symbol.asyncDispose]() {
      canary.destroy()
      await broker.stop()
    },
  }
}

const int16 = (value: number) => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}
/** A frame with a header of version 1, and whatever body. */
const frame = (apiKey: number, version: number, ...body: Buffer[]) => {
  const content = Buffer.concat([int16(apiKey), int16(version), int32(1), int16(-1), ...body])
  return Buffer.concat([int32(content.length), content])
}

const METADATA = 3
const FETCH = 1

/** Input that costs its connection. */
const closing: readonly (readonly [string, Buffer])[] = [
  ['1: a negative frame size', int32(-1)],
  ['2: an empty frame', int32(0)],
  ['2: a frame shorter than a header', Buffer.concat([int32(7), Buffer.alloc(7)])],
  ['3: a frame above socket.request.max.bytes', int32(100 * 1024 * 1024 + 1)],
  ['6: an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['6: a TLS hello', Buffer.from('160301020001000001fc0303', 'hex')],
  ['8: an unknown api key', frame(9999, 0)],
  ['8: a negative api key', frame(-1, 0)],
  ['8: an api that this broker does not offer', frame(4, 0)],
  ['9: a version that is too new', frame(METADATA, 99)],
  ['9: Produce below version 3, though it is advertised', frame(0, 2)],
  ['9: a negative version', frame(METADATA, -1)],
  [
    '19: an array of 2^31-1 elements in ten bytes',
    frame(METADATA, 1, int32(0x7fffffff), Buffer.alloc(6)),
  ],
  [
    '20: a varint longer than five bytes',
    frame(METADATA, 9, Buffer.from('00ffffffffffff7f', 'hex')),
  ],
  ['21: a negative length', frame(METADATA, 1, int32(1), int16(-2))],
  ['21: a null where none is allowed', frame(METADATA, 1, int32(1), int16(-1))],
  ['22: a string beyond the frame', frame(METADATA, 1, int32(1), int16(30_000), Buffer.from('a'))],
  [
    '23: a million tagged fields',
    frame(METADATA, 9, Buffer.from('00', 'hex'), Buffer.from('00ffffff7f', 'hex')),
  ],
  [
    '23: tagged fields out of order',
    frame(METADATA, 9, Buffer.from('02050100040100', 'hex'), Buffer.alloc(8)),
  ],
  [
    'a client id beyond the frame',
    Buffer.concat([int32(10), int16(METADATA), int16(1), int32(1), int16(500)]),
  ],
  ['a body that is missing', frame(FETCH, 4)],
]

describe('hostile bytes', () => {
  it.each(closing)('%s: closes that connection and no other', async (_row, bytes) => {
    await using server = await given()
    await using hostile = await server.connect()
    hostile.write(bytes)
    expect(await hostile.nextFrame()).toBeUndefined()
    expect(server.lines.filter(line => line.message === 'connection closed')).toHaveLength(1)
    await server.isWell()
  })

  it('answers the requests in front of hostile bytes', async () => {
    await using server = await given()
    await using hostile = await server.connect()
    const request = hostile.encode(ApiVersions, 3, {
      clientSoftwareName: 'a',
      clientSoftwareVersion: '1',
    })
    hostile.write(Buffer.concat([request, int32(-5)]))
    expect((await hostile.next(ApiVersions, 3)).errorCode).toBe(0)
    expect(await hostile.nextFrame()).toBeUndefined()
  })

  it('6: gives a hint about HTTP and TLS, once per peer', async () => {
    await using server = await given()
    for (let index = 0; index < 3; index++) {
      await using hostile = await server.connect()
      hostile.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      await hostile.closed
    }
    const complaints = server.lines.filter(line => line.message === 'connection closed')
    expect(complaints).toHaveLength(1)
    expect(complaints[0]?.fields['hint']).toContain('HTTP')
  })

  it('5: takes no memory for a size that was only announced', async () => {
    await using server = await given()
    const before = process.memoryUsage().arrayBuffers
    const connections: RawConnection[] = []
    for (let index = 0; index < 30; index++) {
      const connection = await server.connect()
      connection.write(Buffer.concat([int32(100 * 1024 * 1024), Buffer.from('some')]))
      connections.push(connection)
    }
    await server.isWell()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
    for (const connection of connections) connection.destroy()
  })

  it('5: ends a frame that does not go on', async () => {
    await using server = await given({ 'request.read.timeout.ms': 100 })
    await using hostile = await server.connect()
    hostile.write(int32(1000))
    expect(await hostile.nextFrame()).toBeUndefined()
    await server.isWell()
  })

  it('9: answers an unknown version of ApiVersions in version 0, with error 35 and its own range', async () => {
    await using server = await given()
    await using client = await server.connect()
    client.write(frame(18, 99, Buffer.alloc(3)))
    const { errorCode, apiKeys } = await client.next(ApiVersions, 0)
    expect(errorCode).toBe(35)
    expect(apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
    client.send(ApiVersions, 4, { clientSoftwareName: 'a', clientSoftwareVersion: '1' })
    expect((await client.next(ApiVersions, 4)).errorCode).toBe(0)
  })

  it('10: refuses an illegal client software name', async () => {
    await using server = await given()
    await using client = await server.connect()
    const { errorCode } = await client.request(ApiVersions, 3, {
      clientSoftwareName: '<script>',
      clientSoftwareVersion: '1',
    })
    expect(errorCode).toBe(42)
  })

  it('24: reads past bytes that follow the body', async () => {
    await using server = await given()
    await using client = await server.connect()
    const request = client.encode(ApiVersions, 0, {})
    client.write(
      Buffer.concat([int32(request.length - 4 + 5), request.subarray(4), Buffer.from('extra')]),
    )
    expect((await client.next(ApiVersions, 0)).errorCode).toBe(0)
  })

  it('41, 42: refuses unknown acks, and closes for a failed produce with acks=0', async () => {
    await using server = await given()
    await using client = await server.connect()
    const produce = (acks: number, name: string) => ({
      acks,
      timeoutMs: 1000,
      topicData: [{ name, partitionData: [{ index: 0, records: batchOf(['a']) }] }],
    })
    for (const acks of [2, -2]) {
      const { responses } = await client.request(Produce, 9, produce(acks, 'orders'))
      expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(21)
    }
    client.send(Produce, 9, produce(0, 'orders'))
    client.send(Produce, 9, produce(0, 'missing'))
    expect(await client.nextFrame()).toBeUndefined()
    await server.isWell()
  })

  it('52, 53, 55: bounds what a fetch asks for', async () => {
    await using server = await given({ 'fetch.max.bytes': 1024 })
    await server.isWell()
    await using client = await server.connect()
    const fetch = (
      position: { fetchOffset: number; currentLeaderEpoch?: number },
      maxWaitMs = 0,
    ) => ({
      maxWaitMs,
      minBytes: 0x7fffffff,
      maxBytes: 0x7fffffff,
      isolationLevel: 0,
      topics: [
        {
          topic: 'orders',
          partitions: [{ partition: 0, partitionMaxBytes: 0x7fffffff, ...position }],
        },
      ],
      forgottenTopicsData: [],
    })
    const errorOf = async (
      position: { fetchOffset: number; currentLeaderEpoch?: number },
      maxWaitMs = 0,
    ) => {
      const { responses } = await client.request(Fetch, 12, fetch(position, maxWaitMs))
      return responses[0]?.partitions[0]?.errorCode
    }
    expect(await errorOf({ fetchOffset: 0 })).toBe(0)
    expect(await errorOf({ fetchOffset: 1000 }, 0x7fffffff)).toBe(1)
    expect(await errorOf({ fetchOffset: -5 }, 0x7fffffff)).toBe(1)
    expect(await errorOf({ fetchOffset: 0, currentLeaderEpoch: 999 }, 0x7fffffff)).toBe(76 - 1)
  })

  it('51: refuses a fetch that comes as a replica', async () => {
    await using server = await given()
    await using client = await server.connect()
    const { responses } = await client.request(Fetch, 12, {
      replicaId: 5,
      maxWaitMs: 1000,
      minBytes: 1,
      isolationLevel: 0,
      topics: [
        {
          topic: 'orders',
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
        },
      ],
      forgottenTopicsData: [],
    })
    expect(responses[0]?.partitions[0]?.errorCode).toBe(6)
  })

  it('54: refuses wrong fetch sessions', async () => {
    await using server = await given()
    await using client = await server.connect()
    const fetch = (sessionId: number, sessionEpoch: number) => ({
      maxWaitMs: 0,
      minBytes: 1,
      isolationLevel: 0,
      sessionId,
      sessionEpoch,
      topics: [
        {
          topic: 'orders',
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
        },
      ],
      forgottenTopicsData: [],
    })
    expect((await client.request(Fetch, 12, fetch(12_345, 1))).errorCode).toBe(70)
    const { sessionId } = await client.request(Fetch, 12, fetch(0, 0))
    expect(sessionId).toBeGreaterThan(0)
    expect((await client.request(Fetch, 12, fetch(sessionId, 5))).errorCode).toBe(71)
  })

  it('73: stops reading from a client that asks and never reads', async () => {
    await using server = await given({ 'connection.inflight.max.bytes': 100_000 })
    await using hostile = await server.connect()
    hostile.pauseReading()
    const request = hostile.encode(ApiVersions, 0, {})
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => request))
    for (let index = 0; index < 20; index++) hostile.write(many)
    for (let index = 0; index < 20; index++) await server.isWell()
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(300_000_000)
  })

  it('74: refuses connections above max.connections.per.ip', async () => {
    await using server = await given({ 'max.connections.per.ip': 2 })
    await using second = await server.connect()
    await using third = await server.connect()
    expect(await third.nextFrame()).toBeUndefined()
    expect((await second.request(ApiVersions, 0, {})).errorCode).toBe(0)
    await server.isWell()
  })

  it('75: takes a client id of 32 KiB with control characters and cuts it in the log', async () => {
    await using server = await given()
    await using client = await server.connect()
    const clientId = Buffer.from('evil\n\u001b[31m'.repeat(2500))
    const header = Buffer.concat([int16(18), int16(0), int32(-7), int16(clientId.length), clientId])
    client.write(Buffer.concat([int32(header.length), header]))
    expect((await client.next(ApiVersions, 0)).errorCode).toBe(0)
    client.write(frame(9999, 0))
    await client.closed
    const shown = server.lines.find(line => line.message === 'connection closed')?.fields[
      'clientId'
    ]
    expect(shown).toMatch(/^[\x20-\x7e]{80,100}$/)
  })

  it('76: echoes any correlation id', async () => {
    await using server = await given()
    await using client = await server.connect()
    for (const id of [-1, 0, 0x7fffffff, -1]) {
      const header = Buffer.concat([int16(18), int16(0), int32(id), int16(-1)])
      client.write(Buffer.concat([int32(header.length), header]))
      expect((await client.nextFrame())?.readInt32BE(0)).toBe(id)
    }
  })

  it('survives a shower of random bytes', async () => {
    await using server = await given()
    let seed = 42
    const next = () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0)
    for (let round = 0; round < 200; round++) {
      const body = Buffer.from(Array.from({ length: next() % 200 }, () => (next() >>> 16) & 0xff))
      const apiKey =
        [0, 1, 2, 3, 18, 19, 20, 21, 22, 23, 32, 33, 35, 37, 44, 60, 74, 75][next() % 18] ?? 0
      await using client = await server.connect()
      client.write(frame(apiKey, next() % 14, body))
      client.destroy()
    }
    await server.isWell()
    expect(server.lines.filter(line => line.message === 'a request failed unexpectedly')).toEqual(
      [],
    )
  })

  it('keeps serving ListOffsets and Metadata for those who ask properly', async () => {
    await using server = await given()
    await server.isWell()
    await using client = await server.connect()
    const listed = await client.request(ListOffsets, 7, {
      replicaId: -1,
      topics: [
        {
          name: 'orders',
          partitions: [
            { partitionIndex: 0, timestamp: -2 },
            { partitionIndex: 0, timestamp: -1 },
          ],
        },
      ],
    })
    expect(listed.topics[0]?.partitions.map(partition => partition.errorCode)).toEqual([42, 42])
    const { topics } = await client.request(Metadata, 12, {
      topics: null,
      includeTopicAuthorizedOperations: false,
    })
    expect(topics.map(topic => topic.name)).toEqual(['orders'])
  })
})
