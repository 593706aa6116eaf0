import { describe, expect, it } from 'vitest'
import { offsetForLeaderEpoch } from '../../../../packages/broker/src/handlers/offset-for-leader-epoch.ts'
import { batchOf, memoryBroker, NOW } from '../../../support/memory-broker.ts'

async function withRecords() {
  const broker = await memoryBroker({ topics: { orders: 2 } })
  broker.partition('orders', 0).append(batchOf(['a', 'b', 'c', 'd', 'e']), { now: NOW })
  broker.clock.turn()
  return broker
}

describe('OffsetForLeaderEpoch', () => {
  it('says where an epoch ended', async () => {
    const broker = await withRecords()
    broker.partition('orders', 0).lead(8)
    broker.partition('orders', 0).append(batchOf(['f']), { now: NOW })
    const find = async (leaderEpoch: number) => {
      const asked = { topics: [{ topic: 'orders', partitions: [{ partition: 0, leaderEpoch }] }] }
      const { topics } = await broker.ask(offsetForLeaderEpoch, 4, asked).answered
      const { errorCode, leaderEpoch: epoch, endOffset } = topics[0]?.partitions[0] ?? {}
      return [errorCode, epoch, endOffset]
    }
    expect(await find(3)).toEqual([0, 3, 5])
    expect(await find(5)).toEqual([0, 3, 5])
    expect(await find(8)).toEqual([0, 8, 6])
    // As in Kafka: an epoch from before the first one ended where the first one began.
    expect(await find(1)).toEqual([0, 1, 0])
  })
})
