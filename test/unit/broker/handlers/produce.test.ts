import type { Produce, ResponseInput } from '@varve/protocol'
import { describe, expect, it, vi } from 'vitest'
import { produce } from '../../../../packages/broker/src/handlers/produce.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { batchOf, memoryBroker, NOW, topicIdOf } from '../../../support/memory-broker.ts'

interface Part {
  readonly topic: string
  readonly index: number
  readonly records: Uint8Array | null
}

const request = (parts: readonly Part[], acks = -1, version = 9) => ({
  acks,
  timeoutMs: 30_000,
  topicData: parts.map(({ topic, index, records }) => ({
    ...(version >= 13 ? { topicId: topic } : { name: topic }),
    partitionData: [{ index, records }],
  })),
})

const partsOf = (answer: ResponseInput<typeof Produce> | undefined) =>
  answer?.responses?.flatMap(topic => topic.partitionResponses)

describe('Produce', () => {
  it('answers once the records are committed, with the offsets they got', async () => {
    const { ask, clock, partition } = await memoryBroker({ topics: { orders: 2 } })
    const first = ask(
      produce,
      9,
      request([{ topic: 'orders', index: 0, records: batchOf(['a', 'b']) }]),
    )
    const second = ask(
      produce,
      9,
      request([{ topic: 'orders', index: 0, records: batchOf(['c']) }]),
    )
    expect(first.answer).toBeUndefined()
    expect(partition('orders', 0).logEndOffset).toBe(3)
    clock.turn()
    expect(partsOf(first.answer)).toMatchObject([
      { index: 0, errorCode: 0, baseOffset: 0, logAppendTimeMs: -1, logStartOffset: 0 },
    ])
    expect(partsOf(second.answer)).toMatchObject([{ errorCode: 0, baseOffset: 2 }])
    expect(partition('orders', 0).highWatermark).toBe(3)
  })

  it('answers each partition by itself, in the order of the request', async () => {
    const { ask, clock } = await memoryBroker({ topics: { orders: 2 } })
    const asked = ask(
      produce,
      9,
      request([
        { topic: 'orders', index: 1, records: batchOf(['a']) },
        { topic: 'missing', index: 0, records: batchOf(['a']) },
        { topic: 'orders', index: 7, records: batchOf(['a']) },
        { topic: 'orders', index: 0, records: null },
        { topic: 'orders', index: 0, records: Buffer.alloc(100) },
      ]),
    )
    clock.turn()
    expect(asked.answer?.responses?.map(topic => topic.name)).toEqual([
      'orders',
      'missing',
      'orders',
      'orders',
      'orders',
    ])
    const codes = partsOf(asked.answer)?.map(part => part.errorCode)
    expect(codes?.slice(0, 4)).toEqual([0, 3, 3, 87])
    expect(codes?.[4]).not.toBe(0)
  })

  it('finds topics by id from version 13 on', async () => {
    const { ask, clock } = await memoryBroker({ topics: { orders: 1 } })
    const asked = ask(
      produce,
      13,
      request(
        [
          { topic: topicIdOf(0), index: 0, records: batchOf(['a']) },
          { topic: topicIdOf(9), index: 0, records: batchOf(['a']) },
        ],
        -1,
        13,
      ),
    )
    clock.turn()
    expect(partsOf(asked.answer)?.map(part => part.errorCode)).toEqual([0, 100])
  })

  it('takes acks=0 without an answer and closes the connection for an error', async () => {
    const { ask, partition } = await memoryBroker({ topics: { orders: 1 } })
    const good = ask(
      produce,
      9,
      request([{ topic: 'orders', index: 0, records: batchOf(['a']) }], 0),
    )
    expect([good.answer, good.closedFor]).toEqual([undefined, undefined])
    expect(partition('orders', 0).logEndOffset).toBe(1)
    const bad = ask(
      produce,
      9,
      request([{ topic: 'missing', index: 0, records: batchOf(['a']) }], 0),
    )
    expect(bad.closedFor).toContain('UNKNOWN_TOPIC_OR_PARTITION')
  })

  it('counts acks=0 as being in flight while the disk is behind, until the records are committed', async () => {
    const { ask, clock, partition } = await memoryBroker({ topics: { orders: 1 } })
    const isBehind = vi.spyOn(partition('orders', 0), 'isBehind', 'get').mockReturnValue(true)
    const records = batchOf(['a'])
    const asked = ask(produce, 9, request([{ topic: 'orders', index: 0, records }], 0))
    expect(asked.isInFlight).toBe(true)
    clock.turn()
    expect([asked.isInFlight, asked.answer, asked.closedFor]).toEqual([false, undefined, undefined])
    isBehind.mockReturnValue(false)
    const next = ask(produce, 9, request([{ topic: 'orders', index: 0, records }], 0))
    expect(next.isInFlight).toBe(false)
    isBehind.mockRestore()
  })

  it('closes the connection when records of acks=0 that waited for the disk are lost', async () => {
    const { ask, partition } = await memoryBroker({ topics: { orders: 1 } })
    const orders = partition('orders', 0)
    const isBehind = vi.spyOn(orders, 'isBehind', 'get').mockReturnValue(true)
    const records = batchOf(['a'])
    const asked = ask(produce, 9, request([{ topic: 'orders', index: 0, records }], 0))
    orders.log?.storageFailed(new DiskError('write', '/data', 'EIO'))
    expect(asked.closedFor).toContain('KAFKA_STORAGE_ERROR')
    isBehind.mockRestore()
  })

  it('refuses acks that the protocol does not know, on every partition', async () => {
    const { ask, partition } = await memoryBroker({ topics: { orders: 1 } })
    const asked = ask(
      produce,
      9,
      request([{ topic: 'orders', index: 0, records: batchOf(['a']) }], 2),
    )
    expect(partsOf(asked.answer)).toMatchObject([{ errorCode: 21 }])
    expect(partition('orders', 0).logEndOffset).toBe(0)
  })

  it('refuses a wrong checksum and appends nothing', async () => {
    const { ask, partition } = await memoryBroker({ topics: { orders: 1 } })
    const records = batchOf(['a'])
    records[records.length - 1] = (records.at(-1) ?? 0) ^ 1
    const asked = ask(produce, 9, request([{ topic: 'orders', index: 0, records }]))
    expect(partsOf(asked.answer)).toMatchObject([{ errorCode: 2, baseOffset: -1 }])
    expect(partition('orders', 0).logEndOffset).toBe(0)
  })

  it('refuses zstd below version 7 and transactional batches', async () => {
    const { ask } = await memoryBroker({ topics: { orders: 1 } })
    const zstd = batchOf(['a'])
    zstd[22] = 4
    const transactional = batchOf(['a'])
    transactional[22] = 0x10
    const codes = [
      ask(produce, 6, request([{ topic: 'orders', index: 0, records: zstd }])),
      ask(produce, 9, request([{ topic: 'orders', index: 0, records: transactional }])),
      ask(produce, 9, {
        ...request([{ topic: 'orders', index: 0, records: transactional }]),
        transactionalId: 'payments',
      }),
    ].map(asked => partsOf(asked.answer)?.[0]?.errorCode)
    // The last one gets as far as its checksum: the transactional id is there.
    expect(codes).toEqual([76, 87, 2])
  })

  it('answers a repeated batch of an idempotent producer with its first offsets, once they are committed', async () => {
    const { ask, clock, partition } = await memoryBroker({ topics: { orders: 1 } })
    const records = () => batchOf(['a', 'b'], { producerId: 5, producerEpoch: 0, baseSequence: 0 })
    const first = ask(produce, 9, request([{ topic: 'orders', index: 0, records: records() }]))
    const repeated = ask(produce, 9, request([{ topic: 'orders', index: 0, records: records() }]))
    expect(repeated.answer).toBeUndefined()
    clock.turn()
    expect(partsOf(first.answer)).toMatchObject([{ errorCode: 0, baseOffset: 0 }])
    expect(partsOf(repeated.answer)).toMatchObject([{ errorCode: 0, baseOffset: 0 }])
    expect(partition('orders', 0).logEndOffset).toBe(2)
  })

  it('gives up waiting at the timeout of the request, and answers once', async () => {
    const { ask, clock, partition } = await memoryBroker({ topics: { orders: 1 } })
    const never = partition('orders', 0)
    Object.defineProperty(never, 'whenCommitted', { value: () => undefined })
    const asked = ask(produce, 9, {
      ...request([{ topic: 'orders', index: 0, records: batchOf(['a']) }]),
      timeoutMs: 5000,
    })
    clock.advance(4999)
    expect(asked.answer).toBeUndefined()
    clock.advance(501)
    expect(partsOf(asked.answer)).toMatchObject([{ errorCode: 7, baseOffset: 0 }])
  })

  it('gives up in the end, however long the client would wait', async () => {
    const { ask, clock, partition } = await memoryBroker({ topics: { orders: 1 } })
    Object.defineProperty(partition('orders', 0), 'whenCommitted', { value: () => undefined })
    const asked = ask(produce, 9, {
      ...request([{ topic: 'orders', index: 0, records: batchOf(['a']) }]),
      timeoutMs: 2 ** 31 - 1,
    })
    clock.advance(600_500)
    expect(partsOf(asked.answer)).toMatchObject([{ errorCode: 7 }])
  })

  it('copies what it keeps out of a borrowed frame', async () => {
    const { ask, clock, partition } = await memoryBroker({ topics: { orders: 1 } })
    const records = batchOf(['a'])
    ask(produce, 9, request([{ topic: 'orders', index: 0, records }]))
    records.fill(0)
    clock.turn()
    const read = await partition('orders', 0).read({
      offset: 0,
      maxBytes: 1000,
      upTo: 'high watermark',
      firstBatchWhole: true,
    })
    expect(Buffer.concat(read.parts).subarray(61).toString('latin1')).toContain('a')
  })

  it('asks for permission to write to each topic', async () => {
    const { ask, clock } = await memoryBroker({
      topics: { orders: 1, secrets: 1 },
      authorize: (operation, type, name) =>
        !(operation === 'Write' && type === 'Topic' && name === 'secrets'),
    })
    const asked = ask(
      produce,
      9,
      request([
        { topic: 'secrets', index: 0, records: batchOf(['a']) },
        { topic: 'orders', index: 0, records: batchOf(['a']) },
      ]),
    )
    clock.turn()
    expect(partsOf(asked.answer)?.map(part => part.errorCode)).toEqual([29, 0])
    expect(NOW).toBeGreaterThan(0)
  })

  it('keeps clients out of the topics that coordinators write', async () => {
    const { ask, partition } = await memoryBroker({ topics: { __consumer_offsets: 1 } })
    const asked = ask(
      produce,
      9,
      request([{ topic: '__consumer_offsets', index: 0, records: batchOf(['a']) }]),
    )
    expect(partsOf(asked.answer)).toMatchObject([{ errorCode: 17, baseOffset: -1 }])
    expect(partition('__consumer_offsets', 0).logEndOffset).toBe(0)
  })
})
