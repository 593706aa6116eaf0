import { OffsetForLeaderEpoch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import {
  type ConsumerOptions,
  consumerSettings,
} from '../../../../packages/client/src/consumer/options.ts'
import { Positions } from '../../../../packages/client/src/consumer/positions.ts'
import { ReadPartition } from '../../../../packages/client/src/consumer/read-partition.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { batchOf } from '../../../support/record-batches.ts'

async function positioning(options: Partial<ConsumerOptions> = {}) {
  const fake = new FakeCluster()
  fake.addTopic('t', 1)
  fake.append('t', 0, batchOf({ values: ['a', 'b', 'c'], timestamp: 1000 }))
  const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
  const { clock } = fake.platform
  watch(cluster.topic('t'))
  await clock.settle()
  const positions = new Positions(cluster, consumerSettings({ topics: ['t'], ...options }))
  return { fake, clock, positions }
}

const at = { topic: 't', partition: 0 }

describe('Positions', () => {
  it('looks up beginnings, ends and times', async () => {
    const { clock, positions } = await positioning()
    const targets = ['earliest', 'latest', { timestamp: 500 }] as const
    const partitions = targets.map(target => new ReadPartition(at, target))
    const looked = watch(positions.resolve(partitions))
    await clock.settle()
    expect(looked.state()).toBe('resolved')
    expect(partitions.map(({ position }) => position)).toEqual([0, 3, 0])
    expect(partitions.map(({ endOffset }) => endOffset)).toEqual([3, 3, 3])
  })

  it('goes to the end where no record is new enough', async () => {
    const { clock, positions } = await positioning()
    const partition = new ReadPartition(at, { timestamp: 9999 })
    watch(positions.resolve([partition]))
    await clock.settle()
    expect(partition.target).toBe('latest')
  })

  it('leaves a partition alone that moved meanwhile', async () => {
    const { clock, positions } = await positioning()
    const partition = new ReadPartition(at, 'earliest')
    watch(positions.resolve([partition]))
    partition.moveTo(2)
    await clock.settle()
    expect(partition.position).toBe(2)
  })

  it.each([
    ['earliest', 1, undefined],
    ['none', 3, 'OFFSET_OUT_OF_RANGE'],
  ] as const)(
    'handles records that are gone with autoOffsetReset %s',
    async (autoOffsetReset, position, code) => {
      const { fake, clock, positions } = await positioning({ autoOffsetReset })
      fake.always(OffsetForLeaderEpoch, () => ({
        topics: [
          {
            topic: 't',
            partitions: [{ errorCode: 0, partition: 0, leaderEpoch: 0, endOffset: 1 }],
          },
        ],
      }))
      const partition = new ReadPartition(at, 3)
      partition.lastEpoch = 0
      watch(positions.validate([partition]))
      await clock.settle()
      expect(partition.position).toBe(position)
      expect((partition.failure as { code?: string } | undefined)?.code).toBe(code)
    },
  )

  it('trusts the position where the broker is too old to be asked', async () => {
    const { fake, clock, positions } = await positioning()
    fake.versions.set(OffsetForLeaderEpoch.key, undefined)
    fake.dropConnections(1)
    await clock.settle()
    const partition = new ReadPartition(at, 3)
    partition.lastEpoch = 0
    const validated = watch(positions.validate([partition]))
    await clock.advance(1000)
    expect(validated.state()).toBe('resolved')
    expect(partition.position).toBe(3)
  })
})
