import { Metadata } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../../../../packages/client/src/cluster/cluster.ts'
import { MissingTopics } from '../../../../packages/client/src/group/missing-topics.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { recordingLog, settingsFor } from '../../../support/fake-client.ts'

describe('MissingTopics', () => {
  it('asks for a topic until it is there, and says once a minute that it is not', async () => {
    const fake = new FakeCluster()
    const { log, lines } = recordingLog()
    const cluster = new Cluster(settingsFor(fake, { log }), { missingTopics: 'report' })
    const missing = new MissingTopics(cluster, ['later'])
    const check = async () => {
      missing.check(fake.platform.clock.monotonic())
      await fake.platform.clock.advance(3000)
    }
    for (let count = 0; count < 22; count += 1) await check()
    expect(lines.filter(({ level }) => level === 'warn').length).toBe(2)
    fake.addTopic('later', 1)
    await check()
    const asked = fake.requestsOf(Metadata).length
    await check()
    expect(fake.requestsOf(Metadata).length).toBe(asked)
  })
})
