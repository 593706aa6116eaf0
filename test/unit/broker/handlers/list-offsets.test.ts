import type { ListOffsets, ResponseInput } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { listOffsets } from '../../../../packages/broker/src/handlers/list-offsets.ts'
import {
  batchOf,
  type MemoryBroker,
  memoryBroker,
  NOW,
  topicIdOf,
} from '../../../support/memory-broker.ts'

const request = (
  timestamp: number,
  more: {
    partitionIndex?: number
    name?: string
    currentLeaderEpoch?: number
    replicaId?: number
  } = {},
) => ({
  replicaId: more.replicaId ?? -1,
  topics: [
    {
      name: more.name ?? 'orders',
      partitions: [
        {
          partitionIndex: more.partitionIndex ?? 0,
          timestamp,
          currentLeaderEpoch: more.currentLeaderEpoch ?? -1,
        },
      ],
    },
  ],
})

const only = (answer: ResponseInput<typeof ListOffsets>) => answer.topics[0]?.partitions[0]

/** Records with timestamps NOW-1000 ... NOW-996. */
async function withRecords(): Promise<MemoryBroker> {
  const broker = await memoryBroker({ topics: { orders: 2 } })
  broker.partition('orders', 0).append(batchOf(['a', 'b', 'c', 'd', 'e']), { now: NOW })
  broker.clock.turn()
  return broker
}

describe('ListOffsets', () => {
  it('looks at logs once they are open that nobody has asked for since the start', async () => {
    const { ask, broker } = await withRecords()
    const asked: unknown[] = []
    let open = (): void => undefined
    const opening = new Promise<void>(resolve => (open = resolve))
    const openAsked = (identities: Iterable<unknown>) => {
      asked.push(...identities)
      return opening
    }
    Object.assign(broker.partitions, { openAsked })
    const { answered } = ask(listOffsets, 11, request(-1))
    const isAnswered = Promise.race([answered.then(() => true), Promise.resolve(false)])
    expect(await isAnswered).toBe(false)
    open()
    expect(only(await answered)).toMatchObject({ errorCode: 0, offset: 5 })
    expect(asked).toEqual([{ topicId: topicIdOf(0), partition: 0 }])
  })

  it('finds beginning, end, a time and the newest time', async () => {
    const { ask } = await withRecords()
    const find = async (timestamp: number) =>
      only(await ask(listOffsets, 11, request(timestamp)).answered)
    expect(await find(-1)).toMatchObject({ errorCode: 0, offset: 5, timestamp: -1, leaderEpoch: 3 })
    expect(await find(-2)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 3 })
    expect(await find(-3)).toMatchObject({ errorCode: 0, offset: 4, timestamp: NOW - 996 })
    expect(await find(-4)).toMatchObject({ errorCode: 0, offset: 0 })
    expect(await find(-5)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 })
    expect(await find(-6)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 })
    expect(await find(NOW - 998)).toMatchObject({ errorCode: 0, offset: 2, timestamp: NOW - 998 })
    expect(await find(0)).toMatchObject({ errorCode: 0, offset: 0 })
    expect(await find(NOW)).toMatchObject({
      errorCode: 0,
      offset: -1,
      timestamp: -1,
      leaderEpoch: -1,
    })
  })

  it('knows each marker from the version on that has it', async () => {
    const { ask } = await withRecords()
    const codeOf = async (timestamp: number, version: number) =>
      only(await ask(listOffsets, version, request(timestamp)).answered)?.errorCode
    for (const [timestamp, since] of [
      [-3, 7],
      [-4, 8],
      [-5, 9],
      [-6, 11],
    ] as const) {
      expect([await codeOf(timestamp, since - 1), await codeOf(timestamp, since)]).toEqual([35, 0])
    }
    expect(await codeOf(-99, 11)).toBe(35)
  })

  it('shows consumers only what is committed', async () => {
    const broker = await withRecords()
    broker.partition('orders', 0).append(batchOf(['pending']), { now: NOW })
    expect(only(await broker.ask(listOffsets, 7, request(-1)).answered)?.offset).toBe(5)
    expect(
      only(await broker.ask(listOffsets, 7, request(-1, { replicaId: -2 })).answered)?.offset,
    ).toBe(6)
  })

  it('refuses what is unknown, asked twice, or of another leader epoch', async () => {
    const { ask } = await withRecords()
    const codeOf = async (more: Parameters<typeof request>[1]) =>
      only(await ask(listOffsets, 7, request(-1, more)).answered)?.errorCode
    expect(await codeOf({ name: 'missing' })).toBe(3)
    expect(await codeOf({ partitionIndex: 9 })).toBe(3)
    expect(await codeOf({ currentLeaderEpoch: 2 })).toBe(74)
    expect(await codeOf({ currentLeaderEpoch: 4 })).toBe(75)
    const twice = { replicaId: -1, topics: [...request(-1).topics, ...request(-2).topics] }
    const { topics } = await ask(listOffsets, 7, twice).answered
    expect(topics.flatMap(topic => topic.partitions.map(partition => partition.errorCode))).toEqual(
      [42, 42],
    )
  })
})
