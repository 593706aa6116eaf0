import { InitProducerId } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { requestIdentity } from '../../../../packages/client/src/producer/identity.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

describe('requestIdentity', () => {
  it('asks again while the coordinator is not ready', async () => {
    const fake = new FakeCluster()
    const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
    fake.next(InitProducerId, () => ({ errorCode: 14, producerEpoch: -1 }))
    const identity = watch(requestIdentity(cluster, 5000))
    await fake.platform.clock.advance(500)
    expect(identity.value()).toEqual({ producerId: 1001, producerEpoch: 0 })
  })

  it('says at once that it is not allowed', async () => {
    const fake = new FakeCluster()
    const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
    fake.next(InitProducerId, () => ({ errorCode: 31, producerEpoch: -1 }))
    const identity = watch(requestIdentity(cluster, 5000))
    await fake.platform.clock.settle()
    expect(identity.error()).toMatchObject({ code: 'CLUSTER_AUTHORIZATION_FAILED' })
  })
})
