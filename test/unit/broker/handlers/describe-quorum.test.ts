import { expect, it } from 'vitest'
import { describeQuorum } from '../../../../packages/broker/src/handlers/describe-quorum.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('names itself, with what the metadata log holds', async () => {
  const { ask, store, parts } = await adminBroker()
  const describe = async (version: number) => {
    const partitions = [{ partitionIndex: 0 }]
    return await ask(describeQuorum, version, {
      topics: [{ topicName: '__cluster_metadata', partitions }],
    })
  }
  const { topics, nodes } = await describe(2)
  const now = parts.world.clock.now()
  expect(topics[0]?.partitions[0]).toMatchObject({
    leaderId: 1,
    leaderEpoch: store.leaderEpoch,
    highWatermark: store.image.revision,
    currentVoters: [{ replicaId: 1, lastFetchTimestamp: now, lastCaughtUpTimestamp: now }],
    observers: [],
  })
  expect(nodes).toMatchObject([{ nodeId: 1, listeners: [{ host: 'localhost', port: 9092 }] }])
  expect((await describe(1)).nodes).toBeUndefined()
})
