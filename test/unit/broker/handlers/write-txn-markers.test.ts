import { BatchBuilder, type ErrorName, errorCode } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  BrokerMarkers,
  type TransactionMarker,
} from '../../../../packages/broker/src/coordinator/markers.ts'
import { writeTxnMarkers } from '../../../../packages/broker/src/handlers/write-txn-markers.ts'
import { memoryBroker, NOW } from '../../../support/memory-broker.ts'

async function given(authorize = () => true) {
  const memory = await memoryBroker({ topics: { orders: 2, __consumer_offsets: 4 }, authorize })
  const forGroups: [number, TransactionMarker][] = []
  const { broker, clock } = memory
  const groups = {
    writeMarker: (partition: number, marker: TransactionMarker): Promise<ErrorName> => {
      forGroups.push([partition, marker])
      return Promise.resolve('NONE')
    },
  }
  const { brokerId, metadata, partitions } = broker
  const markers = new BrokerMarkers({ brokerId, metadata, partitions, clock, groups })
  Object.assign(broker, { markers })
  const builder = new BatchBuilder()
  builder.append({ key: 'k', value: 'v', timestamp: NOW })
  const producer = { producerId: 7, producerEpoch: 3, baseSequence: 0 }
  memory.partition('orders', 0).append(builder.build({ ...producer, isTransactional: true }), {
    now: NOW,
    verification: 'off',
  })
  clock.turn()
  const end = async (producerEpoch: number, topics: { [name: string]: number[] }, version = 1) => {
    const asked = memory.ask(writeTxnMarkers, version, {
      markers: [
        {
          ...{ producerId: 7, producerEpoch, transactionResult: false, coordinatorEpoch: 0 },
          ...(version >= 2 ? { transactionVersion: 2 } : {}),
          topics: Object.entries(topics).map(([name, partitionIndexes]) => ({
            ...{ name, partitionIndexes },
          })),
        },
      ],
    })
    clock.turn()
    const answer = await asked.answered
    return answer.markers[0]?.topics.flatMap(({ partitions }) =>
      partitions.map(({ errorCode }) => errorCode),
    )
  }
  return { ...memory, end, forGroups }
}

describe('WriteTxnMarkers', () => {
  it('aborts a hanging transaction, and answers when that is committed', async () => {
    const { end, partition } = await given()
    expect(partition('orders', 0).lastStableOffset).toBe(0)
    expect(await end(3, { orders: [0] })).toEqual([0])
    expect(partition('orders', 0).lastStableOffset).toBe(2)
    expect(await partition('orders', 0).abortedBetween(0, 2)).toMatchObject([
      { producerId: 7, firstOffset: 0, lastOffset: 1 },
    ])
  })

  it('answers each partition by itself', async () => {
    const { end } = await given()
    expect(await end(2, { orders: [0, 1, 9], missing: [0] })).toEqual([
      errorCode('INVALID_PRODUCER_EPOCH'),
      0,
      errorCode('UNKNOWN_TOPIC_OR_PARTITION'),
      errorCode('UNKNOWN_TOPIC_OR_PARTITION'),
    ])
  })

  it('takes from version 2 on only markers that are newer than their transaction', async () => {
    const { end } = await given()
    expect(await end(3, { orders: [0] }, 2)).toEqual([errorCode('INVALID_PRODUCER_EPOCH')])
    expect(await end(4, { orders: [0] }, 2)).toEqual([0])
    expect(await end(4, { orders: [0] }, 2)).toEqual([0])
  })

  it('leaves the offsets of groups to their coordinator', async () => {
    const { end, forGroups } = await given()
    expect(await end(3, { __consumer_offsets: [2] })).toEqual([0])
    expect(forGroups).toMatchObject([[2, { producerId: 7, producerEpoch: 3, result: 'abort' }]])
  })

  it('is for brokers and administrators', async () => {
    const { end } = await given(() => false)
    expect(await end(3, { orders: [0] })).toEqual([errorCode('CLUSTER_AUTHORIZATION_FAILED')])
  })
})
