import { expect, it } from 'vitest'
import { alterPartitionReassignments } from '../../../../packages/broker/src/handlers/alter-partition-reassignments.ts'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { adminBroker } from '../../../support/admin-broker.ts'
import { registration } from '../../../support/metadata-image.ts'

it.each([
  ['orders', 0, [1], 0],
  ['orders', 0, null, 85],
  ['orders', 0, [2], 39],
  ['orders', 0, [], 39],
  ['orders', 0, [1, 1], 39],
  ['orders', 1, [1], 3],
  ['nope', 0, [1], 3],
])('answers a move of %s-%i to %j with %i', async (name, partitionIndex, replicas, error) => {
  const { ask, parts, store } = await adminBroker()
  await makeTopics(parts, [
    { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
  ])
  const { revision } = store.image
  const { responses } = await ask(alterPartitionReassignments, 1, {
    allowReplicationFactorChange: true,
    topics: [{ name, partitions: [{ partitionIndex, replicas }] }],
  })
  expect(responses[0]?.partitions).toMatchObject([{ partitionIndex, errorCode: error }])
  expect(store.image.revision).toBe(revision)
})

it('moves nothing between brokers that are both there', async () => {
  const { ask, parts, store } = await adminBroker()
  await makeTopics(parts, [
    { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
  ])
  await store.propose([registration(2)], store.image)
  const { responses } = await ask(alterPartitionReassignments, 0, {
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, replicas: [2] }] }],
  })
  expect(responses[0]?.partitions[0]).toMatchObject({
    errorCode: 39,
    errorMessage: expect.stringContaining('keeps each partition on the broker'),
  })
})
