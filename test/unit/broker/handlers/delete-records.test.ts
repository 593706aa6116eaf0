import { describe, expect, it } from 'vitest'
import { deleteRecords } from '../../../../packages/broker/src/handlers/delete-records.ts'
import { batchOf, memoryBroker, NOW } from '../../../support/memory-broker.ts'

async function withRecords() {
  const broker = await memoryBroker({ topics: { orders: 2 } })
  broker.partition('orders', 0).append(batchOf(['a', 'b', 'c', 'd', 'e']), { now: NOW })
  broker.clock.turn()
  return broker
}

describe('DeleteRecords', () => {
  it('moves the start of the log, and no further than the high watermark', async () => {
    const broker = await withRecords()
    const remove = async (offset: number, name = 'orders') => {
      const { topics } = await broker.ask(deleteRecords, 2, {
        timeoutMs: 1000,
        topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }],
      }).answered
      return topics[0]?.partitions[0]
    }
    expect(await remove(3)).toMatchObject({ errorCode: 0, lowWatermark: 3 })
    expect(await remove(9)).toMatchObject({ errorCode: 1, lowWatermark: -1 })
    expect(await remove(-1)).toMatchObject({ errorCode: 0, lowWatermark: 5 })
    expect(await remove(0, 'missing')).toMatchObject({ errorCode: 3 })
  })

  it('leaves the topics alone that coordinators write', async () => {
    const { ask } = await memoryBroker({ topics: { __consumer_offsets: 1 } })
    const { topics } = await ask(deleteRecords, 2, {
      timeoutMs: 1000,
      topics: [{ name: '__consumer_offsets', partitions: [{ partitionIndex: 0, offset: 0 }] }],
    }).answered
    expect(topics[0]?.partitions).toMatchObject([{ errorCode: 17, lowWatermark: -1 }])
  })
})
