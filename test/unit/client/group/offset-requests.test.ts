import { OffsetCommit, OffsetFetch, type RequestOf } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { Coordinator } from '../../../../packages/client/src/cluster/coordinator.ts'
import { NOBODY } from '../../../../packages/client/src/group/membership.ts'
import {
  commitOffsets,
  fetchCommitted,
} from '../../../../packages/client/src/group/offset-requests.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { FakeGroup } from '../../../support/fake-group.ts'

function requesting() {
  const fake = new FakeCluster()
  fake.addTopic('t', 2)
  const group = new FakeGroup(fake)
  const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
  const parts = {
    cluster,
    coordinator: new Coordinator(cluster, { type: 'group', key: 'g' }),
    groupId: 'g',
  }
  const answered = async <T>(promise: Promise<T>) => {
    const watched = watch(promise)
    await fake.platform.clock.advance(10)
    return watched.value()
  }
  return { fake, group, cluster, parts, answered }
}

const versionsOf = (fake: FakeCluster, name: string) =>
  fake.requests.filter(({ api }) => api === name).map(({ version }) => version)

describe('requests about offsets', () => {
  it('name topics by name while their ids are not known, then by id', async () => {
    const { fake, cluster, parts, answered } = requesting()
    const offsets = [{ topic: 't', partition: 1, offset: 3 }]
    expect(await answered(commitOffsets(parts, NOBODY, offsets))).toEqual(new Map())
    cluster.track('t')
    await answered(cluster.refresh())
    expect(await answered(commitOffsets(parts, NOBODY, offsets))).toEqual(new Map())
    expect(versionsOf(fake, 'OffsetCommit')).toEqual([9, 10])
    const [found] = await answered(fetchCommitted(parts, undefined, offsets))
    expect([found?.offset, found?.error]).toEqual([3, undefined])
    expect(versionsOf(fake, 'OffsetFetch')).toEqual([10])
  })

  it('give the error of each partition, and take silence for one', async () => {
    const { fake, parts, answered } = requesting()
    const offsets = [0, 1].map(partition => ({ topic: 't', partition, offset: 3 }))
    fake.next(OffsetCommit, () => ({
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 12 }] }],
    }))
    const errors = await answered(commitOffsets(parts, NOBODY, offsets))
    expect([...errors.values()].map(({ error }) => error)).toEqual([
      'OFFSET_METADATA_TOO_LARGE',
      'UNKNOWN_SERVER_ERROR',
    ])
  })

  it('mean the topic that was read, and not one that was created again under its name', async () => {
    const { fake, cluster, parts, answered } = requesting()
    cluster.track('t')
    await answered(cluster.refresh())
    const known = cluster.image.topics.get('t')?.topicId
    const gone = 'AAAAAAAAAAAAAAAAAAAAAg'
    const offsets = [undefined, gone].map((topicId, partition) => ({
      topic: 't',
      partition,
      offset: 3,
      source: { topicId },
    }))
    await answered(commitOffsets(parts, NOBODY, offsets))
    const [request] = fake.requestsOf(OffsetCommit) as RequestOf<typeof OffsetCommit>[]
    expect(request?.topics.map(({ topicId }) => topicId)).toEqual([known, gone])
    await answered(fetchCommitted(parts, undefined, [{ topic: 't', partition: 0, topicId: gone }]))
    const [asked] = fake.requestsOf(OffsetFetch) as RequestOf<typeof OffsetFetch>[]
    expect(asked?.groups[0]?.topics?.map(({ topicId }) => topicId)).toEqual([gone])
  })

  it('say -1 where nothing is committed', async () => {
    const { parts, answered } = requesting()
    const found = await answered(fetchCommitted(parts, undefined, [{ topic: 't', partition: 0 }]))
    expect(found).toMatchObject([{ topic: 't', partition: 0, offset: -1, error: undefined }])
  })
})
