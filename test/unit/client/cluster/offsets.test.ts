import { ListOffsets, OffsetForLeaderEpoch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { callOf } from '../../../../packages/client/src/cluster/ask.ts'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import {
  listOffsets,
  offsetForLeaderEpoch,
} from '../../../../packages/client/src/cluster/offsets.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { batchOf } from '../../../support/record-batches.ts'

function asking() {
  const fake = new FakeCluster()
  fake.addTopic('orders', 1)
  for (const timestamp of [1000, 2000])
    fake.append('orders', 0, batchOf({ values: ['x'], timestamp }))
  const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
  return { fake, clock: fake.platform.clock, call: callOf(cluster, {}, 10_000) }
}

const at = { topic: 'orders', partition: 0 }

describe('listOffsets', () => {
  it('answers several questions about one partition, each in a request of its own', async () => {
    const { fake, clock, call } = asking()
    const queries = [
      { ...at, at: 'earliest' as const },
      { ...at, at: 'latest' as const },
      { ...at, at: { timestamp: 1500 } },
      { ...at, at: { timestamp: 9000 } },
    ]
    const offsets = watch(listOffsets(call, queries, 'read_uncommitted'))
    await clock.settle()
    expect(offsets.value().map(({ offset }) => offset)).toEqual([0, 2, 1, -1])
    expect(fake.requestsOf(ListOffsets)).toHaveLength(4)
  })

  it('says so where the broker is too old for a question', async () => {
    const { fake, clock, call } = asking()
    fake.versions.set(ListOffsets.key, [1, 5])
    const offsets = watch(listOffsets(call, [{ ...at, at: 'max-timestamp' }], 'read_uncommitted'))
    await clock.advance(100)
    expect(offsets.error()).toMatchObject({ code: 'UNSUPPORTED_VERSION' })
  })
})

describe('offsetForLeaderEpoch', () => {
  it('gives the end of an epoch', async () => {
    const { fake, clock, call } = asking()
    fake.always(OffsetForLeaderEpoch, () => ({
      topics: [
        {
          topic: 'orders',
          partitions: [{ errorCode: 0, partition: 0, leaderEpoch: 3, endOffset: 17 }],
        },
      ],
    }))
    const ends = watch(offsetForLeaderEpoch(call, [{ ...at, leaderEpoch: 4 }]))
    await clock.settle()
    expect(ends.value()).toEqual([{ ...at, leaderEpoch: 3, endOffset: 17, error: undefined }])
  })

  it('answers several questions about one partition, each in a request of its own', async () => {
    const { fake, clock, call } = asking()
    fake.always(OffsetForLeaderEpoch, ({ topics }) => ({
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, leaderEpoch }) => ({
          errorCode: 0,
          partition,
          leaderEpoch,
          endOffset: leaderEpoch * 10,
        })),
      })),
    }))
    const queries = [3, 4].map(leaderEpoch => ({ ...at, leaderEpoch }))
    const ends = watch(offsetForLeaderEpoch(call, queries))
    await clock.settle()
    expect(ends.value().map(({ endOffset }) => endOffset)).toEqual([30, 40])
  })
})
