import { FindCoordinator, Heartbeat } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { Coordinator } from '../../../../packages/client/src/cluster/coordinator.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeGroup } from '../../../support/fake-group.ts'

function asking(brokersCount = 2, coordinatorId = 2) {
  const cluster = new FakeCluster(brokersCount)
  const group = new FakeGroup(cluster, coordinatorId)
  const known = new Cluster(settingsFor(cluster), { missingTopics: 'report' })
  const coordinator = new Coordinator(known, { type: 'group', key: 'g' })
  const beat = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null }
  const ask = () =>
    watch(coordinator.request(Heartbeat, beat, { lane: 'coordinator', timeoutMs: 1000 }))
  const brokers = () =>
    cluster.requests.filter(({ api }) => api === 'Heartbeat').map(({ brokerId }) => brokerId)
  return { cluster, group, coordinator, ask, brokers, clock: cluster.platform.clock }
}

describe('Coordinator', () => {
  it('is looked for once, and asked from then on', async () => {
    const { cluster, ask, brokers, clock } = asking()
    const asked = [ask(), ask()]
    await clock.advance(10)
    asked.push(ask())
    await clock.advance(10)
    expect(asked.map(one => one.state())).toEqual(['resolved', 'resolved', 'resolved'])
    expect(brokers()).toEqual([2, 2, 2])
    expect(cluster.requestsOf(FindCoordinator)).toMatchObject([
      { keyType: 0, coordinatorKeys: ['g'] },
    ])
  })

  it('is looked for again when it is forgotten', async () => {
    const { cluster, coordinator, ask, clock } = asking()
    ask()
    await clock.advance(10)
    coordinator.forget()
    ask()
    await clock.advance(10)
    expect(cluster.requestsOf(FindCoordinator).length).toBe(2)
  })

  it('is found by a broker that knows only the old question', async () => {
    const { cluster, ask, clock } = asking()
    cluster.versions.set(FindCoordinator.key, [0, 3])
    cluster.always(FindCoordinator, ({ key }) => ({
      errorCode: key === 'g' ? 0 : 24,
      nodeId: 2,
      host: 'broker-2',
      port: 9092,
    }))
    const asked = ask()
    await clock.advance(10)
    expect(asked.state()).toBe('resolved')
  })

  it('is an error when the broker says so', async () => {
    const { group, ask, clock } = asking()
    group.refuse(FindCoordinator, 'GROUP_AUTHORIZATION_FAILED')
    const asked = ask()
    await clock.advance(10)
    expect(asked.error().code).toBe('GROUP_AUTHORIZATION_FAILED')
  })

  it('of a transactional id is asked for as such', async () => {
    const { cluster, clock } = asking()
    const known = new Cluster(settingsFor(cluster), { missingTopics: 'report' })
    const coordinator = new Coordinator(known, { type: 'transaction', key: 'x' })
    const connecting = watch(coordinator.connection('requests'))
    await clock.advance(10)
    expect(connecting.value().isOpen).toBe(true)
    expect(cluster.requestsOf(FindCoordinator)).toMatchObject([
      { keyType: 1, coordinatorKeys: ['x'] },
    ])
  })
})
