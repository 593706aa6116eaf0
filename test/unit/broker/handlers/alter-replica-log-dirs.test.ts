import { expect, it } from 'vitest'
import { alterReplicaLogDirs } from '../../../../packages/broker/src/handlers/alter-replica-log-dirs.ts'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { adminBroker } from '../../../support/admin-broker.ts'
import { DATA_FOLDER } from '../../../support/metadata-world.ts'

it('answers once for a partition, for the last folder that it is wanted in', async () => {
  const { ask, parts } = await adminBroker()
  await makeTopics(parts, [
    { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
  ])
  const move = async (...paths: string[]) => {
    const topics = [{ name: 'orders', partitions: [0, 0] }]
    const dirs = paths.map(path => ({ path, topics }))
    return (await ask(alterReplicaLogDirs, 2, { dirs })).results
  }
  const told = (errorCode: number) => [
    { topicName: 'orders', partitions: [{ partitionIndex: 0, errorCode }] },
  ]
  expect(await move('/etc', DATA_FOLDER)).toEqual(told(0))
  expect(await move(DATA_FOLDER, '/etc')).toEqual(told(57))
  expect(await move()).toEqual([])
})
