import type { Fetch, ResponseInput } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { fetch } from '../../../../packages/broker/src/handlers/fetch.ts'
import {
  batchOf,
  type MemoryBroker,
  memoryBroker,
  NOW,
  topicIdOf,
} from '../../../support/memory-broker.ts'

interface At {
  readonly topic?: string
  readonly partition?: number
  readonly fetchOffset?: number
  readonly partitionMaxBytes?: number
  readonly currentLeaderEpoch?: number
  readonly lastFetchedEpoch?: number
}

const request = (
  positions: readonly At[],
  more: {
    maxWaitMs?: number
    minBytes?: number
    maxBytes?: number
    sessionId?: number
    sessionEpoch?: number
  } = {},
) => ({
  maxWaitMs: 0,
  minBytes: 1,
  isolationLevel: 0,
  ...more,
  topics: positions.map(({ topic, ...position }) => ({
    topic: topic ?? 'orders',
    partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000, ...position }],
  })),
  forgottenTopicsData: [],
})

type Answer = ResponseInput<typeof Fetch> | undefined
const partsOf = (answer: Answer) => answer?.responses?.flatMap(topic => topic.partitions) ?? []
const sizesOf = (answer: Answer) =>
  partsOf(answer).map(({ records }) =>
    records === null ? -1 : [records].flat().reduce((sum, part) => sum + part.length, 0),
  )

function write(
  broker: MemoryBroker,
  count: number,
  at: { topic?: string; partition?: number } = {},
): number {
  let sizeBytes = 0
  for (let index = 0; index < count; index++) {
    const records = batchOf([`record ${index}`])
    sizeBytes = records.length
    broker.partition(at.topic ?? 'orders', at.partition ?? 0).append(records, { now: NOW })
  }
  broker.clock.turn()
  return sizeBytes
}

describe('Fetch', () => {
  it('gives what is committed, and where the log stands', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    const batchBytes = write(broker, 3)
    const { answer } = broker.ask(fetch, 12, request([{ fetchOffset: 1 }]))
    expect(partsOf(answer)).toMatchObject([
      {
        errorCode: 0,
        highWatermark: 3,
        lastStableOffset: 3,
        logStartOffset: 0,
        abortedTransactions: null,
      },
    ])
    expect(sizesOf(answer)).toEqual([2 * batchBytes])
  })

  it('does not show what is not committed yet', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    broker.partition('orders', 0).append(batchOf(['pending']), { now: NOW })
    const { answer } = broker.ask(fetch, 12, request([{}]))
    expect(partsOf(answer)).toMatchObject([{ errorCode: 0, highWatermark: 0 }])
    expect(sizesOf(answer)).toEqual([0])
  })

  it('waits until the bytes that it asked for are there, adding up what comes', async () => {
    const broker = await memoryBroker({ topics: { orders: 2 } })
    const batchBytes = batchOf(['record 0']).length
    const waiting = broker.ask(
      fetch,
      12,
      request([{}, { partition: 1 }], { maxWaitMs: 500, minBytes: batchBytes * 3 }),
    )
    write(broker, 2)
    expect(waiting.answer).toBeUndefined()
    write(broker, 1, { partition: 1 })
    expect(sizesOf(waiting.answer)).toEqual([2 * batchBytes, batchBytes])
  })

  it('gives up waiting after its time, with what there is', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    const waiting = broker.ask(fetch, 12, request([{}], { maxWaitMs: 500, minBytes: 1_000_000 }))
    const batchBytes = write(broker, 1)
    broker.clock.advance(499)
    expect(waiting.answer).toBeUndefined()
    broker.clock.advance(1)
    expect(sizesOf(waiting.answer)).toEqual([batchBytes])
  })

  it('answers at once when another request stands behind it, and forgets itself with its connection', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    const first = broker.ask(fetch, 12, request([{}], { maxWaitMs: 500 }))
    first.supersede()
    expect(sizesOf(first.answer)).toEqual([0])
    const second = broker.ask(fetch, 12, request([{}], { maxWaitMs: 500 }))
    second.abandon()
    write(broker, 1)
    broker.clock.advance(1000)
    expect(second.answer).toBeUndefined()
    expect(broker.clock.waitingCount).toBeLessThan(2)
  })

  it('waits for logs that nobody has asked for since the start, and then for records', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    const opening = Promise.resolve()
    Object.assign(broker.broker.partitions, { openAsked: () => opening })
    const waiting = broker.ask(fetch, 12, request([{}], { maxWaitMs: 500 }))
    await opening
    await opening
    expect(waiting.answer).toBeUndefined()
    const batchBytes = write(broker, 1)
    expect(sizesOf(waiting.answer)).toEqual([batchBytes])
    const behind = broker.ask(fetch, 12, request([{ fetchOffset: 1 }], { maxWaitMs: 500 }))
    behind.supersede()
    expect(sizesOf(await behind.answered)).toEqual([0])
  })

  it('answers at once when a partition has an error, and the others with it', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    write(broker, 1)
    const { answer } = broker.ask(
      fetch,
      12,
      request(
        [
          {},
          { topic: 'missing' },
          { partition: 5 },
          { fetchOffset: 9 },
          { fetchOffset: -1 },
          { currentLeaderEpoch: 2 },
          { currentLeaderEpoch: 4 },
          { currentLeaderEpoch: 3 },
        ],
        {
          maxWaitMs: 500,
          minBytes: 1_000_000,
        },
      ),
    )
    expect(partsOf(answer).map(part => part.errorCode)).toEqual([0, 3, 3, 1, 1, 74, 75, 0])
    expect(partsOf(answer)[5]?.currentLeader).toEqual({ leaderId: 1, leaderEpoch: 3 })
  })

  it('says by topic id what it does not know, from version 13 on', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    write(broker, 1)
    const topics = [topicIdOf(0), topicIdOf(5)].map(topicId => ({
      topicId,
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
    }))
    const { answer } = broker.ask(fetch, 13, {
      maxWaitMs: 0,
      minBytes: 1,
      isolationLevel: 0,
      topics,
      forgottenTopicsData: [],
    })
    expect(partsOf(answer).map(part => part.errorCode)).toEqual([0, 100])
    expect(answer?.responses?.map(topic => topic.topicId)).toEqual([topicIdOf(0), topicIdOf(5)])
  })

  it('gives the first batch whole however small the limits are, and nothing beyond them', async () => {
    const broker = await memoryBroker({ topics: { orders: 2 } })
    const batchBytes = write(broker, 5)
    write(broker, 5, { partition: 1 })
    const tiny = broker.ask(
      fetch,
      12,
      request([{ partitionMaxBytes: 1 }, { partition: 1, partitionMaxBytes: 1 }], { maxBytes: 1 }),
    )
    expect(sizesOf(tiny.answer)).toEqual([batchBytes, 0])
    const three = broker.ask(
      fetch,
      12,
      request([{ partitionMaxBytes: 2 * batchBytes }, { partition: 1 }], {
        maxBytes: 3 * batchBytes,
      }),
    )
    expect(sizesOf(three.answer)).toEqual([2 * batchBytes, batchBytes])
  })

  it('shows where the log of the client and this one part', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 } })
    write(broker, 2)
    broker.partition('orders', 0).lead(6)
    write(broker, 1)
    const { answer } = broker.ask(
      fetch,
      12,
      request(
        [
          { fetchOffset: 3, lastFetchedEpoch: 3 },
          { fetchOffset: 2, lastFetchedEpoch: 3 },
        ],
        { maxWaitMs: 500 },
      ),
    )
    expect(partsOf(answer)[0]?.divergingEpoch).toEqual({ epoch: 3, endOffset: 2 })
    expect(partsOf(answer)[1]?.divergingEpoch).toBeUndefined()
  })

  it('bounds the wait by fetch.max.wait.max.ms', async () => {
    const broker = await memoryBroker({
      topics: { orders: 1 },
      settings: { 'fetch.max.wait.max.ms': '1000' },
    })
    const waiting = broker.ask(fetch, 12, request([{}], { maxWaitMs: 0x7fffffff }))
    broker.clock.advance(1000)
    expect(waiting.answer).toBeDefined()
  })

  it('asks for permission to read each topic', async () => {
    const broker = await memoryBroker({ topics: { orders: 1 }, authorize: () => false })
    expect(partsOf(broker.ask(fetch, 12, request([{}])).answer)).toMatchObject([{ errorCode: 29 }])
  })
})

describe('a fetch session', () => {
  it('tells everything first, and then only what changed', async () => {
    const broker = await memoryBroker({ topics: { orders: 3 } })
    write(broker, 1)
    const full = broker.ask(
      fetch,
      12,
      request([{}, { partition: 1 }, { partition: 2 }], { sessionEpoch: 0 }),
    )
    const sessionId = full.answer?.sessionId ?? 0
    expect(sessionId).toBeGreaterThan(0)
    expect(partsOf(full.answer)).toHaveLength(3)

    const moved = broker.ask(
      fetch,
      12,
      request([{ fetchOffset: 1 }], { sessionId, sessionEpoch: 1 }),
    )
    expect(partsOf(moved.answer)).toEqual([])

    const batchBytes = write(broker, 1, { partition: 2 })
    const changed = broker.ask(fetch, 12, request([], { sessionId, sessionEpoch: 2 }))
    expect(partsOf(changed.answer).map(part => part.partitionIndex)).toEqual([2])
    expect(sizesOf(changed.answer)).toEqual([batchBytes])

    const again = broker.ask(fetch, 12, request([], { sessionId, sessionEpoch: 3 }))
    expect(sizesOf(again.answer)).toEqual([batchBytes])
  })

  it('waits for bytes of its partitions, those of the request and the others', async () => {
    const broker = await memoryBroker({ topics: { orders: 2 } })
    const { answer } = broker.ask(fetch, 12, request([{}, { partition: 1 }], { sessionEpoch: 0 }))
    const waiting = broker.ask(
      fetch,
      12,
      request([], { sessionId: answer?.sessionId ?? 0, sessionEpoch: 1, maxWaitMs: 500 }),
    )
    expect(waiting.answer).toBeUndefined()
    const batchBytes = write(broker, 1, { partition: 1 })
    expect(sizesOf(waiting.answer)).toEqual([batchBytes])
  })

  it('takes turns among partitions when not all fit', async () => {
    const broker = await memoryBroker({ topics: { orders: 3 } })
    for (const partition of [0, 1, 2]) write(broker, 1, { partition })
    const first = broker.ask(
      fetch,
      12,
      request([{}, { partition: 1 }, { partition: 2 }], { sessionEpoch: 0, maxBytes: 1 }),
    )
    const sessionId = first.answer?.sessionId ?? 0
    const given: (number | undefined)[] = [
      partsOf(first.answer).find((_, index) => (sizesOf(first.answer)[index] ?? 0) > 0)
        ?.partitionIndex,
    ]
    for (const sessionEpoch of [1, 2]) {
      const { answer } = broker.ask(
        fetch,
        12,
        request([], { sessionId, sessionEpoch, maxBytes: 1 }),
      )
      const index = sizesOf(answer).findIndex(sizeBytes => sizeBytes > 0)
      given.push(partsOf(answer)[index]?.partitionIndex)
    }
    expect([...given].sort()).toEqual([0, 1, 2])
  })

  it('comes back to a partition whose batch did not fit beside those of others', async () => {
    const broker = await memoryBroker({ topics: { orders: 2 } })
    const batchBytes = write(broker, 1)
    write(broker, 1, { partition: 1 })
    const maxBytes = batchBytes + 10
    const first = broker.ask(
      fetch,
      12,
      request([{}, { partition: 1 }], { sessionEpoch: 0, maxBytes }),
    )
    expect(sizesOf(first.answer)).toEqual([batchBytes, 0])
    const sessionId = first.answer?.sessionId ?? 0
    const second = broker.ask(
      fetch,
      12,
      request([{ fetchOffset: 1 }], { sessionId, sessionEpoch: 1, maxBytes, maxWaitMs: 500 }),
    )
    expect(partsOf(second.answer).map(part => part.partitionIndex)).toEqual([1])
    expect(sizesOf(second.answer)).toEqual([batchBytes])
  })

  it('looks only at what changed among ten thousand partitions', async () => {
    const broker = await memoryBroker({ topics: { orders: 1000 } })
    const positions = Array.from({ length: 1000 }, (_, partition) => ({ partition }))
    const { answer } = broker.ask(fetch, 12, request(positions, { sessionEpoch: 0 }))
    const sessionId = answer?.sessionId ?? 0
    broker.ask(fetch, 12, request([], { sessionId, sessionEpoch: 1 }))
    let looks = 0
    for (const { partition } of positions) {
      const target = broker.partition('orders', partition)
      const { bytesAvailable } = target
      Object.defineProperty(target, 'bytesAvailable', {
        value: (...args: Parameters<typeof bytesAvailable>) => {
          looks++
          return bytesAvailable.apply(target, args)
        },
      })
    }
    const waiting = broker.ask(
      fetch,
      12,
      request([], { sessionId, sessionEpoch: 2, maxWaitMs: 500 }),
    )
    write(broker, 1, { partition: 700 })
    expect(partsOf(waiting.answer).map(part => part.partitionIndex)).toEqual([700])
    expect(looks).toBe(1)
  })

  it('forgets partitions, and ends with the last one', async () => {
    const broker = await memoryBroker({ topics: { orders: 2 } })
    const { answer } = broker.ask(fetch, 12, request([{}, { partition: 1 }], { sessionEpoch: 0 }))
    const sessionId = answer?.sessionId ?? 0
    const forget = (partition: number, sessionEpoch: number) =>
      broker.ask(fetch, 12, {
        ...request([], { sessionId, sessionEpoch }),
        forgottenTopicsData: [{ topic: 'orders', partitions: [partition] }],
      })
    expect(forget(0, 1).answer?.sessionId).toBe(sessionId)
    write(broker, 1)
    expect(
      partsOf(broker.ask(fetch, 12, request([], { sessionId, sessionEpoch: 2 })).answer),
    ).toEqual([])
    expect(forget(1, 3).answer?.sessionId).toBe(0)
    expect(
      broker.ask(fetch, 12, request([], { sessionId, sessionEpoch: 4 })).answer?.errorCode,
    ).toBe(70)
  })

  it('refuses a wrong epoch and an unknown id, and makes room only by age', async () => {
    const broker = await memoryBroker({
      topics: { orders: 1 },
      settings: { 'max.incremental.fetch.session.cache.slots': '1' },
    })
    const open = () =>
      broker.ask(fetch, 12, request([{}], { sessionEpoch: 0 })).answer?.sessionId ?? -1
    const sessionId = open()
    expect(
      broker.ask(fetch, 12, request([], { sessionId, sessionEpoch: 7 })).answer?.errorCode,
    ).toBe(71)
    expect(
      broker.ask(fetch, 12, request([], { sessionId: sessionId + 1, sessionEpoch: 1 })).answer
        ?.errorCode,
    ).toBe(70)
    expect(open()).toBe(0)
    broker.clock.advance(121_000)
    expect(open()).toBeGreaterThan(0)
    expect(
      broker.ask(fetch, 12, request([], { sessionId, sessionEpoch: 1 })).answer?.errorCode,
    ).toBe(70)
  })
})
