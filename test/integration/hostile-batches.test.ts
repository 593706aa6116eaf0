/** Rows 25 to 45 of the table of hostile inputs, through a socket: the answer is exact, the log as it was, and another client does not notice. */
import { gzipSync } from 'node:zlib'
import { type Log, startBroker } from '@varve/broker'
import {
  type Codec,
  CreateTopics,
  errorName,
  InitProducerId,
  Metadata,
  nodeCodecs,
  Produce,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Canary } from '../support/canary.ts'
import { around, codecNumber, refusedBatches, valid } from '../support/hostile-batches.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'

const PRODUCE_VERSION = 9
const codecs = nodeCodecs()

/** A broker with a topic of each kind, a hostile connection and a canary. */
async function given(settings: { [name: string]: string | number } = {}) {
  const unexpected: string[] = []
  const note = (message: string) => void unexpected.push(message)
  const ignore = () => undefined
  const log: Log = { error: note, warn: ignore, info: ignore, debug: ignore, with: () => log }
  const broker = await startBroker({ storage: 'memory', settings, log })
  const canary = await Canary.open(broker, [
    { name: 'orders' },
    { name: 'users', configs: { 'cleanup.policy': 'compact' } },
    {
      name: 'small-segments',
      configs: { 'segment.bytes': '1048576', 'max.message.bytes': '4000000' },
    },
  ])
  const hostile = await RawConnection.open(broker)
  return {
    hostile,
    canary,
    unexpected,
    /** Produces the bytes as they are. */
    async produce(records: Uint8Array, { topic = 'orders', version = PRODUCE_VERSION } = {}) {
      const { responses } = await hostile.request(Produce, version, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 10_000,
        topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
      })
      const answer = responses[0]?.partitionResponses[0]
      if (answer === undefined) throw new Error('the answer has no partition')
      return { ...answer, error: errorName(answer.errorCode) }
    },
    async [Symbol.asyncDispose]() {
      hostile.destroy()
      canary.destroy()
      await broker.stop()
      expect(unexpected).toEqual([])
    },
  }
}

type Given = Awaited<ReturnType<typeof given>>

async function givenProducer(server: Given) {
  const { producerId, producerEpoch } = await server.hostile.request(InitProducerId, 4, {
    transactionalId: null,
    transactionTimeoutMs: -1,
    producerId: -1,
    producerEpoch: -1,
  })
  return {
    send: (baseSequence: number, { count = 1, epoch = producerEpoch } = {}) =>
      server.produce(
        batchOf({
          values: Array.from({ length: count }, (_, index) => `${baseSequence + index}`),
          producerId,
          producerEpoch: epoch,
          baseSequence,
        }),
      ),
  }
}

describe('a hostile batch', () => {
  it.each(refusedBatches)('$row: is $error and appends nothing', async refused => {
    const { topic = 'orders', version = PRODUCE_VERSION, settings = {}, batch, error } = refused
    await using server = await given(settings)
    const end = await server.canary.endOf(topic)
    const answer = await server.produce(batch(), { topic, version })
    expect(answer).toMatchObject({ error, baseOffset: -1 })
    expect(await server.canary.endOf(topic)).toBe(end)
    await server.canary.sings()
    if (topic === 'orders') {
      expect(await server.produce(valid())).toMatchObject({ error: 'NONE', baseOffset: end })
    }
  })

  it('39: names the record that has no key', async () => {
    await using server = await given()
    const { recordErrors } = await server.produce(batchOf({ values: ['a', 'b'] }), {
      topic: 'users',
    })
    expect(recordErrors).toMatchObject([{ batchIndex: 0 }])
  })

  it('costs its own partition only, not the others of the request', async () => {
    await using server = await given()
    const { responses } = await server.hostile.request(Produce, PRODUCE_VERSION, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [
        { name: 'users', partitionData: [{ index: 0, records: valid() }] },
        { name: 'orders', partitionData: [{ index: 0, records: valid() }] },
      ],
    })
    const errors = responses.map(topic => errorName(topic.partitionResponses[0]?.errorCode ?? -1))
    expect(errors).toEqual(['INVALID_RECORD', 'NONE'])
  })

  it('30, 36: passes unopened where nobody opens records, and its reader learns of it', async () => {
    await using server = await given()
    const batch = around(Buffer.alloc(200, 0x5a), { attributes: codecNumber('gzip') })
    expect(await server.produce(batch)).toMatchObject({ error: 'NONE', baseOffset: 0 })
    expect(await server.canary.endOf('orders')).toBe(1)
    await server.canary.sings()
  })
})

/** Records that grow a thousandfold or more, as far as their codec can make it. */
const bombs: readonly (readonly [Codec, number])[] = [
  ['gzip', 400_000_000],
  ['snappy', 18_000_000],
  ['lz4', 200_000_000],
  ['zstd', 400_000_000],
]

describe('35: a compressed bomb', () => {
  it.each(bombs)(
    'of %s stops inflating at the limit, in bounded time and memory',
    async (codec, size) => {
      const limit = 8 * 1024 * 1024
      await using server = await given({
        'produce.batch.validation': 'strict',
        'max.decompressed.message.bytes': limit,
      })
      const zeros = Buffer.alloc(size)
      const bytes = codec === 'gzip' ? gzipSync(zeros) : Buffer.from(codecs.compress(codec, zeros))
      expect(bytes.length).toBeLessThan(1_048_000)
      const bomb = around(bytes, { attributes: codecNumber(codec) })
      await server.canary.sings()
      const residentBytes = process.memoryUsage.rss()
      const began = performance.now()
      for (let round = 0; round < 10; round++) {
        expect(await server.produce(bomb)).toMatchObject({ error: 'MESSAGE_TOO_LARGE' })
      }
      expect(performance.now() - began).toBeLessThan(10 * 250)
      expect(process.memoryUsage.rss() - residentBytes).toBeLessThan(64 * 1024 * 1024 + 3 * limit)
      expect(await server.canary.endOf('orders')).toBe(0)
      await server.canary.sings()
    },
  )
})

describe('a producer that breaks its sequence', () => {
  it('43: gets the first offset again for each of its last five batches', async () => {
    await using server = await given()
    const producer = await givenProducer(server)
    const offsets: number[] = []
    for (const sequence of [0, 2, 4, 6, 8]) {
      offsets.push((await producer.send(sequence, { count: 2 })).baseOffset)
    }
    for (const [index, sequence] of [0, 2, 4, 6, 8].entries()) {
      expect(await producer.send(sequence, { count: 2 })).toMatchObject({
        error: 'NONE',
        baseOffset: offsets[index],
      })
    }
    expect(await server.canary.endOf('orders')).toBe(10)
    await server.canary.sings()
  })

  it('43: is told of a duplicate whose place is forgotten', async () => {
    await using server = await given()
    const producer = await givenProducer(server)
    for (let sequence = 0; sequence < 7; sequence++) await producer.send(sequence)
    for (const sequence of [0, 1]) {
      expect((await producer.send(sequence)).error).toBe('DUPLICATE_SEQUENCE_NUMBER')
    }
    expect(await server.canary.endOf('orders')).toBe(7)
    expect(await producer.send(7)).toMatchObject({ error: 'NONE', baseOffset: 7 })
  })

  it('44: is refused when it leaves a gap, or sends a part of a batch again', async () => {
    await using server = await given()
    const producer = await givenProducer(server)
    await producer.send(0, { count: 3 })
    expect((await producer.send(4)).error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect((await producer.send(0x7fffffff)).error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect((await producer.send(2, { count: 3 })).error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(await server.canary.endOf('orders')).toBe(3)
    expect(await producer.send(3)).toMatchObject({ error: 'NONE', baseOffset: 3 })
    await server.canary.sings()
  })

  it('44, 45: is fenced by a newer epoch, which starts at sequence 0', async () => {
    await using server = await given()
    const producer = await givenProducer(server)
    await producer.send(0)
    expect((await producer.send(1, { epoch: 1 })).error).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(await producer.send(0, { epoch: 1 })).toMatchObject({ error: 'NONE', baseOffset: 1 })
    expect((await producer.send(1, { epoch: 0 })).error).toBe('INVALID_PRODUCER_EPOCH')
    expect((await producer.send(1, { epoch: -1 })).error).toBe('INVALID_PRODUCER_EPOCH')
    expect(await server.canary.endOf('orders')).toBe(2)
    await server.canary.sings()
  })

  it('46: is throttled when there are too many producer ids', async () => {
    await using server = await given({ 'producer.ids.max': 50 })
    for (let producerId = 0; producerId < 50; producerId++) {
      const batch = batchOf({ values: ['a'], producerId, producerEpoch: 0, baseSequence: 0 })
      expect((await server.produce(batch)).error).toBe('NONE')
    }
    const batch = batchOf({ values: ['a'], producerId: 77, producerEpoch: 0, baseSequence: 0 })
    expect((await server.produce(batch)).error).toBe('THROTTLING_QUOTA_EXCEEDED')
    await server.canary.sings()
  })
})

const illegalNames = [
  '..',
  '.',
  'x'.repeat(250),
  'a/b',
  'a\0b',
  '../../etc/passwd',
  'a\\b',
  'ä',
  '',
]

describe('25: an illegal topic name', () => {
  it.each(illegalNames)('%j creates nothing', async name => {
    await using server = await given()
    const created = await server.hostile.request(CreateTopics, 7, {
      topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 5000,
      validateOnly: false,
    })
    expect(errorName(created.topics[0]?.errorCode ?? 0)).toBe('INVALID_TOPIC_EXCEPTION')
    const described = await server.hostile.request(Metadata, 9, {
      topics: [{ name }],
      allowAutoTopicCreation: true,
    })
    expect(errorName(described.topics[0]?.errorCode ?? 0)).toBe('INVALID_TOPIC_EXCEPTION')
    // Produce names what it does not find, as Kafka does: no path is built from it.
    expect((await server.produce(valid(), { topic: name })).error).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION',
    )
    const all = await server.hostile.request(Metadata, 9, { topics: null })
    expect(all.topics.map(topic => topic.name).sort()).toEqual([
      'canary',
      'orders',
      'small-segments',
      'users',
    ])
    await server.canary.sings()
  })

  it('of bytes that are no UTF-8 creates nothing', async () => {
    await using server = await given()
    const request = server.hostile.encode(Metadata, 9, {
      topics: [{ name: 'AAAA' }],
      allowAutoTopicCreation: true,
    })
    server.hostile.write(request.fill(0xff, request.indexOf('AAAA'), request.indexOf('AAAA') + 4))
    const { topics } = await server.hostile.next(Metadata, 9)
    expect(errorName(topics[0]?.errorCode ?? 0)).toBe('INVALID_TOPIC_EXCEPTION')
    await server.canary.sings()
  })
})
