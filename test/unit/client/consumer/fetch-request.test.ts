import { Fetch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  answersByPartition,
  requestFetch,
} from '../../../../packages/client/src/consumer/fetch-request.ts'
import { FetchSession } from '../../../../packages/client/src/consumer/fetch-session.ts'
import { Connection } from '../../../../packages/client/src/network/connection.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'
import { batchOf } from '../../../support/record-batches.ts'

const limits = {
  minBytes: 1,
  maxBytes: 1000,
  maxWaitMs: 500,
  rackId: '',
  isolationLevel: 'read_uncommitted',
  requestTimeoutMs: 1000,
} as const

describe('requestFetch', () => {
  it.each([18, 12, 4])('gets the answers of a partition in version %i', async version => {
    const cluster = new FakeCluster()
    const { clock } = cluster.platform
    cluster.addTopic('t', 1)
    cluster.append('t', 0, batchOf({ values: ['a'] }))
    cluster.versions.set(Fetch.key, [4, version])
    const opening = watch(Connection.open(settingsFor(cluster), { host: 'broker-1', port: 9092 }))
    await clock.settle()
    const topicId = cluster.topics.get('t')?.topicId ?? ''
    const item = {
      topic: 't',
      topicId,
      partition: 0,
      fetchOffset: 0,
      currentLeaderEpoch: 0,
      partitionMaxBytes: 100,
    }
    const part = new FetchSession().next([item])
    const answer = watch(requestFetch(opening.value(), part, limits))
    await clock.settle()
    const [key] = answersByPartition(answer.value()).keys()
    expect(key).toBe(version >= 13 ? `0 ${topicId}` : '0 t')
  })
})
