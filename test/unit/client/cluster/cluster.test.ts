import { Metadata } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function knowing(brokersCount = 2) {
  const fake = new FakeCluster(brokersCount)
  fake.addTopic('orders', 2)
  const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
  return { fake, cluster, clock: fake.platform.clock }
}

describe('Cluster', () => {
  it('knows a topic and its leaders once it was asked for', async () => {
    const { cluster, clock } = knowing()
    const topic = watch(cluster.topic('orders'))
    await clock.settle()
    expect(topic.value().partitions).toHaveLength(2)
    expect(cluster.leaderOf('orders', 1)).toMatchObject({ brokerId: 2, host: 'broker-2' })
    expect(cluster.leaderOf('orders', 9)).toBeUndefined()
  })

  it('shares one request among those who ask while none is under way, and one more among those who come later', async () => {
    const { fake, cluster, clock } = knowing()
    cluster.track('orders')
    const refreshes = [1, 2, 3].map(() => watch(cluster.refresh()))
    await clock.settle()
    expect(refreshes.map(({ state }) => state())).toEqual(['resolved', 'resolved', 'resolved'])
    expect(fake.requestsOf(Metadata)).toHaveLength(2)
  })

  it('refreshes in passing, unless that is under way, and throws nothing', async () => {
    const { fake, cluster, clock } = knowing()
    cluster.refreshSoon()
    cluster.refreshSoon()
    await clock.settle()
    expect(fake.requestsOf(Metadata)).toHaveLength(1)
    fake.next(Metadata, () => 'close')
    cluster.refreshSoon()
    await clock.settle()
    expect(fake.requestsOf(Metadata)).toHaveLength(2)
  })

  it('begins with another broker when the first cannot be reached', async () => {
    const { fake, cluster, clock } = knowing()
    fake.down.add(1)
    const topic = watch(cluster.topic('orders'))
    await clock.settle()
    expect(topic.value().name).toBe('orders')
    expect(fake.requests.every(({ brokerId }) => brokerId === 2)).toBe(true)
  })

  it('says why when no broker can be reached', async () => {
    const { fake, cluster, clock } = knowing()
    fake.down.add(1).add(2)
    const refreshed = watch(cluster.refresh())
    await clock.settle()
    expect(refreshed.error().message).toContain('no broker could be reached')
    expect(refreshed.error().message).toContain('ECONNREFUSED')
  })

  it('asks again for what is older than metadataMaxAgeMs', async () => {
    const { fake, cluster, clock } = knowing()
    watch(cluster.topic('orders'))
    await clock.settle()
    watch(cluster.topic('orders'))
    await clock.settle()
    expect(fake.requestsOf(Metadata)).toHaveLength(1)
    await clock.advance(300_001)
    expect(cluster.isStale).toBe(true)
    watch(cluster.topic('orders'))
    await clock.settle()
    expect(fake.requestsOf(Metadata)).toHaveLength(2)
  })

  it('starts again from the bootstrap addresses when the broker asks for it (KIP-1102)', async () => {
    const { fake, cluster, clock } = knowing()
    fake.next(Metadata, () => ({ brokers: [], topics: [], errorCode: 129 }))
    const topic = watch(cluster.topic('orders'))
    await clock.advance(500)
    expect(topic.value().name).toBe('orders')
  })

  it('fails what is asked for after it was closed', async () => {
    const { cluster, clock } = knowing()
    cluster.close()
    const topic = watch(cluster.topic('orders'))
    await clock.settle()
    expect(topic.error()).toMatchObject({ code: 'CLOSED' })
  })
})
