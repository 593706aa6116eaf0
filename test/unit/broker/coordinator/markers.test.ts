import type { ErrorName } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  BrokerMarkers,
  type BrokerMarkersOptions,
  type TransactionMarker,
} from '../../../../packages/broker/src/coordinator/markers.ts'
import { memoryBroker } from '../../../support/memory-broker.ts'

const MARKER: TransactionMarker = {
  ...{ producerId: 7, producerEpoch: 3, coordinatorEpoch: 2 },
  ...{ result: 'commit', transactionVersion: 0 },
}

async function given(changed: Partial<BrokerMarkersOptions> = {}) {
  const memory = await memoryBroker({ topics: { orders: 1, __consumer_offsets: 4 } })
  const { brokerId, metadata, partitions } = memory.broker
  const forGroups: [number, TransactionMarker][] = []
  const groups = {
    writeMarker: (partition: number, marker: TransactionMarker): Promise<ErrorName> => {
      forGroups.push([partition, marker])
      return Promise.resolve('COORDINATOR_LOAD_IN_PROGRESS')
    },
  }
  const options = { brokerId, metadata, partitions, clock: memory.clock, groups, ...changed }
  return { ...memory, forGroups, markers: new BrokerMarkers(options) }
}

describe('a marker', () => {
  it('is written when it is committed, and not before', async () => {
    const { markers, partition, clock } = await given()
    let error: ErrorName | undefined
    const written = markers.write('orders', 0, MARKER).then(name => {
      error = name
    })
    await new Promise(setImmediate)
    expect([partition('orders', 0).logEndOffset, error]).toEqual([1, undefined])
    clock.turn()
    await written
    expect([partition('orders', 0).highWatermark, error]).toEqual([1, 'NONE'])
  })

  it('of an epoch or a coordinator that is past says so', async () => {
    const { markers, clock } = await given()
    const first = markers.write('orders', 0, MARKER)
    clock.turn()
    expect(await first).toBe('NONE')
    expect(await markers.write('orders', 0, { ...MARKER, producerEpoch: 2 })).toBe(
      'INVALID_PRODUCER_EPOCH',
    )
    expect(await markers.write('orders', 0, { ...MARKER, coordinatorEpoch: 1 })).toBe(
      'TRANSACTION_COORDINATOR_FENCED',
    )
  })

  it('for committed offsets goes to the coordinator of groups, whose answer counts', async () => {
    const { markers, forGroups, partition } = await given()
    expect(await markers.write('__consumer_offsets', 2, MARKER)).toBe(
      'COORDINATOR_LOAD_IN_PROGRESS',
    )
    expect(forGroups).toEqual([[2, MARKER]])
    expect(partition('__consumer_offsets', 2).logEndOffset).toBe(0)
  })

  it('finds no partition that is gone, and writes into none that is led elsewhere or not opened yet', async () => {
    const { markers } = await given()
    for (const [topic, partition] of [
      ['missing', 0],
      ['orders', 1],
    ] as const)
      expect(await markers.write(topic, partition, MARKER)).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    const elsewhere = await given({ brokerId: 9 })
    const unopened = await given({ partitions: { get: () => undefined } })
    for (const { markers } of [elsewhere, unopened])
      expect(await markers.write('orders', 0, MARKER)).toBe('NOT_LEADER_OR_FOLLOWER')
    expect(await elsewhere.markers.write('__consumer_offsets', 0, MARKER)).toBe(
      'NOT_LEADER_OR_FOLLOWER',
    )
  })

  it('has a folder made where there was none, and is not written if that fails', async () => {
    const makings: string[] = []
    const partition = (made: ErrorName) => ({
      hasFolder: false,
      makeFolder: () => Promise.resolve((makings.push(made), made)),
      appendMarker: () => ({ lastOffset: 4 }),
      whenCommitted: (next: number, done: (error: ErrorName) => void) =>
        done(next === 5 ? 'NONE' : 'UNKNOWN_SERVER_ERROR'),
    })
    const writeInto = async (made: ErrorName) => {
      const { markers } = await given({ partitions: { get: () => partition(made) as never } })
      return markers.write('orders', 0, MARKER)
    }
    expect(await writeInto('KAFKA_STORAGE_ERROR')).toBe('KAFKA_STORAGE_ERROR')
    expect(await writeInto('NONE')).toBe('NONE')
    expect(makings).toEqual(['KAFKA_STORAGE_ERROR', 'NONE'])
  })
})
