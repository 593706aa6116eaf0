import { expect, it } from 'vitest'
import { electLeaders } from '../../../../packages/broker/src/handlers/elect-leaders.ts'
import type { MetadataChange } from '../../../../packages/broker/src/metadata/change.ts'
import { adminBroker } from '../../../support/admin-broker.ts'
import { newTopic } from '../../../support/metadata-image.ts'

const withPartition = async (leader: number) => {
  const broker = await adminBroker()
  const [topic, ...partitions] = newTopic('orders')
  const changes = [topic, ...partitions.map(one => ({ ...one, leader, replicas: [1, 2] }))]
  await broker.store.propose(changes as MetadataChange[], broker.store.image)
  return async (version: number, electionType: number) => {
    const topicPartitions = [{ topic: 'orders', partitions: [0] }]
    const answer = await broker.ask(electLeaders, version, { electionType, topicPartitions })
    const [result] = answer.replicaElectionResults[0]?.partitionResult ?? []
    return [answer.errorCode, result?.errorCode]
  }
}

it('has nothing to do where the preferred leader leads', async () => {
  const elect = await withPartition(1)
  expect(await elect(2, 0)).toEqual([0, 84])
  expect(await elect(2, 1)).toEqual([0, 84])
  expect(await elect(0, 0)).toEqual([undefined, 84])
  expect(await elect(2, 3)).toEqual([42, 42])
})

it('finds nobody else to lead', async () => {
  expect(await (await withPartition(2))(2, 0)).toEqual([0, 80])
  expect(await (await withPartition(2))(2, 1)).toEqual([0, 84])
  expect(await (await withPartition(-1))(2, 1)).toEqual([0, 83])
})
