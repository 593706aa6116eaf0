import { Metadata } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { TopicNames } from '../../../../packages/client/src/group/topic-names.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { partitionsOf } from '../../../support/group-members.ts'

describe('TopicNames', () => {
  it('asks once for ids that it does not know, and knows them both ways then', async () => {
    const fake = new FakeCluster()
    fake.addTopic('t', 2)
    const topicId = fake.topics.get('t')?.topicId ?? ''
    const cluster = new Cluster(settingsFor(fake), { missingTopics: 'report' })
    const names = new TopicNames(cluster)
    const asked = watch(names.named([{ topicId, partitions: [0, 1] }]))
    await fake.platform.clock.advance(10)
    expect(asked.value()).toEqual(partitionsOf('t-0 t-1').map(at => ({ ...at, topicId })))
    expect(await names.named([{ topicId, partitions: [1] }])).toMatchObject(partitionsOf('t-1'))
    expect(fake.requestsOf(Metadata).length).toBe(1)
    expect([names.has(topicId), names.has('another')]).toEqual([true, false])
    expect(names.byId(partitionsOf('t-0 t-1 gone-0'))).toEqual([{ topicId, partitions: [0, 1] }])
  })
})
