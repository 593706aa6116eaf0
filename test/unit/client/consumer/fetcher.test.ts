import { Fetch, OffsetForLeaderEpoch, type RequestOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { Fetcher } from '../../../../packages/client/src/consumer/fetcher.ts'
import {
  type ConsumerOptions,
  consumerSettings,
} from '../../../../packages/client/src/consumer/options.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { recordingLog, settingsFor, watch } from '../../../support/fake-client.ts'
import { batchOf } from '../../../support/record-batches.ts'

async function fetching(options: Partial<ConsumerOptions> = {}, partitionsCount = 2) {
  const fake = new FakeCluster()
  fake.addTopic('t', partitionsCount)
  const { log, lines } = recordingLog()
  const cluster = new Cluster(settingsFor(fake, { log }), { missingTopics: 'report' })
  const { clock } = fake.platform
  watch(cluster.topic('t'))
  await clock.settle()
  const settings = consumerSettings({ topics: ['t'], ...options })
  const fetcher = new Fetcher({ cluster, settings, onChange: () => {} })
  const partitions = Array.from({ length: partitionsCount }, (_, partition) => {
    const read = new ReadPartition({ topic: 't', partition }, 0)
    read.endOffset = Number.POSITIVE_INFINITY
    fetcher.add(read)
    return read
  })
  const fetches = () => fake.requestsOf(Fetch) as RequestOf<typeof Fetch>[]
  return { fake, clock, cluster, fetcher, partitions, fetches, lines }
}

const value = (text: string) => batchOf({ values: [text] })

describe('Fetcher', () => {
  it('asks a broker for all its partitions with one request', async () => {
    const { clock, fetcher, fetches } = await fetching()
    fetcher.pump()
    fetcher.pump()
    await clock.settle()
    expect(fetches()).toHaveLength(1)
    expect(fetches()[0]?.topics[0]?.partitions).toHaveLength(2)
  })

  it('fetches ahead of the reader, but only so far', async () => {
    const { fake, clock, fetcher, partitions } = await fetching({}, 1)
    for (let index = 0; index < 10; index += 1) {
      fake.append('t', 0, value(`v${index}`))
      fetcher.pump()
      await clock.advance(600)
    }
    expect(partitions[0]?.fetched).toHaveLength(2)
    while (partitions[0]?.fetched[0]?.take() !== undefined);
    fetcher.finishFetched(partitions[0] as ReadPartition)
    await clock.settle()
    expect(partitions[0]?.fetched).toHaveLength(2)
  })

  it('stops asking when the buffer is full', async () => {
    const { fake, clock, fetcher, fetches } = await fetching({ bufferBytes: 50 }, 1)
    fake.append('t', 0, value('a'))
    fetcher.pump()
    await clock.advance(5000)
    expect(fetches()).toHaveLength(1)
  })

  it('does not keep a partition waiting that moved while a fetch is held back', async () => {
    const { fake, clock, fetcher, partitions, fetches } = await fetching({}, 1)
    fake.append('t', 0, value('a'))
    fake.append('t', 0, value('b'))
    const [partition] = partitions as [ReadPartition]
    fetcher.move(partition, () => partition.moveTo(2))
    await clock.settle()
    expect(partition.fetched).toHaveLength(0)
    fetcher.move(partition, () => partition.moveTo(1))
    await clock.settle()
    expect(String(partition.fetched[0]?.take()?.value)).toBe('b')
    expect(fetches()[1]).toMatchObject({ sessionEpoch: -1, maxWaitMs: 0 })
  })

  it('begins a new session when the broker forgot the old one', async () => {
    const { fake, clock, fetcher, partitions, fetches } = await fetching({}, 1)
    fake.next(Fetch, () => ({ sessionId: 77, responses: [] }))
    fake.next(Fetch, () => ({ errorCode: 70, sessionId: 0, responses: [] }))
    fake.append('t', 0, value('a'))
    fetcher.pump()
    await clock.settle()
    expect(
      fetches()
        .map(({ sessionId, sessionEpoch }) => [sessionId, sessionEpoch])
        .slice(0, 3),
    ).toEqual([
      [0, 0],
      [77, 1],
      [77, 0],
    ])
    expect(partitions[0]?.fetched).toHaveLength(1)
  })

  it('reports a partition of which nothing comes although there is something', async () => {
    const { fake, clock, fetcher, lines } = await fetching({}, 1)
    fake.always(Fetch, request => ({
      responses: [
        {
          ...request.topics[0],
          partitions: [
            {
              partitionIndex: 0,
              errorCode: 0,
              highWatermark: 9,
              abortedTransactions: null,
              records: null,
            },
          ],
        },
      ],
    }))
    fetcher.pump()
    await clock.advance(100)
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([])
    await clock.advance(6000)
    expect(lines.find(({ level }) => level === 'warn')?.message).toBe('a partition cannot be read')
  })

  it.each(['is to be looked up', 'a new leader put in doubt'] as const)(
    'comes back to a partition whose position %s later, though nothing else happens',
    async why => {
      const { fake, clock, cluster, fetcher, partitions } = await fetching({}, 1)
      fake.append('t', 0, value('a'))
      const [partition] = partitions as [ReadPartition]
      if (why === 'is to be looked up') partition.moveTo('earliest')
      else {
        partition.lastEpoch = 0
        fake.moveLeader('t', 0, 1)
        const end = { errorCode: 0, partition: 0, leaderEpoch: 0, endOffset: 1 }
        fake.always(OffsetForLeaderEpoch, () => ({ topics: [{ topic: 't', partitions: [end] }] }))
        watch(cluster.refresh())
        await clock.settle()
      }
      partition.retryAt = clock.monotonic() + 100
      fetcher.pump()
      await clock.advance(99)
      expect(partition.fetched).toHaveLength(0)
      await clock.advance(1)
      expect(partition.fetched).toHaveLength(1)
    },
  )

  it('asks nothing more after it was closed', async () => {
    const { clock, fetcher, fetches } = await fetching()
    fetcher.close()
    fetcher.pump()
    await clock.advance(5000)
    expect(fetches()).toHaveLength(0)
  })
})
