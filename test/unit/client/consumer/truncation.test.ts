import { Fetch, OffsetForLeaderEpoch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Consumer } from '../../../../packages/client/src/consumer/consumer.ts'
import type { ConsumerOptions } from '../../../../packages/client/src/consumer/options.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { recordingLog, settingsFor, watch } from '../../../support/fake-client.ts'
import { batchOf } from '../../../support/record-batches.ts'

const values = Array.from({ length: 10 }, (_, index) => `v${index}`)

/** A consumer that has fetched ten records, was given the first one, and whose log then lost the last two. */
async function truncated(autoOffsetReset: ConsumerOptions['autoOffsetReset']) {
  const cluster = new FakeCluster(2)
  cluster.addTopic('orders', 1)
  for (const value of values)
    cluster.append('orders', 0, batchOf({ values: [value], timestamp: 1000 }))
  cluster.always(OffsetForLeaderEpoch, () => ({
    topics: [
      {
        topic: 'orders',
        partitions: [{ errorCode: 0, partition: 0, leaderEpoch: 0, endOffset: 8 }],
      },
    ],
  }))
  const { log } = recordingLog()
  const options = { topics: ['orders'], startAt: 'earliest', autoOffsetReset } as const
  const consumer = new Consumer(settingsFor(cluster, { log }), options as ConsumerOptions)
  const records = consumer[Symbol.asyncIterator]()
  const take = async (count: number) => {
    const taken: string[] = []
    for (let index = 0; index < count; index++) {
      const next = watch(records.next())
      await cluster.platform.clock.advance(500)
      if (next.state() !== 'resolved') break
      taken.push(String(next.value().value?.value))
    }
    return taken
  }
  expect(await take(1)).toEqual(['v0'])
  cluster.partition('orders', 0).batches.splice(8)
  return { cluster, clock: cluster.platform.clock, consumer, take }
}

describe('a consumer that has fetched ahead', () => {
  it('passes over nothing when a new leader has lost records that it was not given yet', async () => {
    const { cluster, clock, consumer, take } = await truncated('earliest')
    cluster.moveLeader('orders', 0, 2)
    await clock.advance(40_000)
    cluster.append('orders', 0, batchOf({ values: ['new'], timestamp: 1000 }))
    expect(await take(8)).toEqual([...values.slice(1, 8), 'new'])
    await consumer.close()
  })

  it('keeps in hand what is in hand when the rest has to be fetched again', () => {
    const partition = new ReadPartition({ topic: 'orders', partition: 0 }, 3)
    partition.inHand.add(3)
    partition.dropFetched()
    expect([partition.inHand.isBusy, partition.handledOffset]).toEqual([true, 3])
  })

  it('passes over nothing when the offset behind what it has fetched is out of range', async () => {
    const { cluster, clock, consumer, take } = await truncated('latest')
    cluster.dropConnections(1)
    await clock.advance(40_000)
    expect(await take(9)).toEqual(values.slice(1))
    expect(cluster.requestsOf(Fetch).length).toBeLessThan(1000)
    await consumer.close()
  })
})
