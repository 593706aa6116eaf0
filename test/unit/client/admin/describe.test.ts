import { DescribeCluster, DescribeLogDirs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function administering() {
  const fake = new FakeCluster(2)
  return { fake, clock: fake.platform.clock, admin: new Admin(settingsFor(fake), {}) }
}

describe('describeCluster', () => {
  it('asks an older broker through Metadata', async () => {
    const { fake, clock, admin } = administering()
    fake.versions.set(DescribeCluster.key, undefined)
    const cluster = watch(admin.describeCluster())
    await clock.settle()
    expect(cluster.value()).toMatchObject({ clusterId: 'fake', controllerId: 1 })
    expect(cluster.value().brokers.map(({ brokerId, host }) => [brokerId, host])).toEqual([
      [1, 'broker-1'],
      [2, 'broker-2'],
    ])
  })

  it('says why a broker refuses', async () => {
    const { fake, clock, admin } = administering()
    fake.always(DescribeCluster, () => ({
      errorCode: 31,
      errorMessage: 'not you',
      clusterId: '',
      brokers: [],
    }))
    const cluster = watch(admin.describeCluster())
    await clock.settle()
    expect(cluster.error()).toMatchObject({ code: 'CLUSTER_AUTHORIZATION_FAILED' })
    expect(cluster.error().message).toContain('not you')
  })
})

describe('describeLogDirs', () => {
  it('asks each broker for its own', async () => {
    const { fake, clock, admin } = administering()
    fake.versions.set(DescribeCluster.key, undefined)
    fake.always(DescribeLogDirs, (_request, { brokerId }) => ({
      results: [
        {
          errorCode: 0,
          logDir: `/data/${brokerId}`,
          totalBytes: 100,
          usableBytes: 50,
          topics: [
            {
              name: 't',
              partitions: [
                { partitionIndex: 0, partitionSize: 7, offsetLag: 0, isFutureKey: false },
              ],
            },
          ],
        },
      ],
    }))
    const directories = watch(admin.describeLogDirs())
    await clock.settle()
    expect(directories.value().map(({ brokerId, path }) => [brokerId, path])).toEqual([
      [1, '/data/1'],
      [2, '/data/2'],
    ])
    expect(directories.value()[0]?.partitions).toEqual([
      { topic: 't', partition: 0, sizeBytes: 7, offsetLag: 0, isFuture: false },
    ])
  })
})
