import { errorName } from '@varve/protocol'
import { expect, it } from 'vitest'
import type { BrokerParts } from '../../../../packages/broker/src/handlers/broker-parts.ts'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { describeLogDirs } from '../../../../packages/broker/src/handlers/describe-log-dirs.ts'
import { adminBroker } from '../../../support/admin-broker.ts'
import { DATA_FOLDER } from '../../../support/metadata-world.ts'

it('says how large each partition is and how much room there is', async () => {
  const broker = await adminBroker('log.dirs=./data')
  await makeTopics(broker.parts, [
    { name: 'orders', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] },
  ])
  let areOpen = false
  const partitions = {
    openAll: async () => void (areOpen = true),
    get: (_topicId: string, index: number) => ({ sizeBytes: areOpen ? 100 + index : 0 }),
  }
  Object.assign(broker.parts, { partitions: partitions as unknown as BrokerParts['partitions'] })
  const describe = async (topics: object[] | null) =>
    (await broker.ask(describeLogDirs, 4, { topics })).results
  const [all] = await describe(null)
  expect(all).toMatchObject({
    errorCode: 0,
    logDir: DATA_FOLDER,
    totalBytes: 2 ** 40,
    topics: [
      {
        name: 'orders',
        partitions: [
          { partitionIndex: 0, partitionSize: 100, offsetLag: 0, isFutureKey: false },
          { partitionIndex: 1, partitionSize: 101, offsetLag: 0, isFutureKey: false },
        ],
      },
    ],
  })
  expect(all?.usableBytes).toBeLessThanOrEqual(2 ** 40)
  const asked = await describe([
    { topic: 'orders', partitions: [1] },
    { topic: 'nope', partitions: [0] },
  ])
  expect(
    asked[0]?.topics.map(({ partitions }) =>
      partitions.map(({ partitionIndex }) => partitionIndex),
    ),
  ).toEqual([[1]])
  broker.forbid(() => true)
  const refused = await broker.ask(describeLogDirs, 4, { topics: null })
  expect([errorName(refused.errorCode ?? 0), refused.results]).toEqual([
    'CLUSTER_AUTHORIZATION_FAILED',
    [],
  ])
})
