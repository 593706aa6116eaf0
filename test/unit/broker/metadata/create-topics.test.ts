import { expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { createTopics } from '../../../../packages/broker/src/metadata/create-topics.ts'
import { imageWith, topicIdOf } from '../../../support/metadata-image.ts'

it('decides topics that, applied, are as their outcome says', () => {
  const { settings } = loadConfig({})
  const wanted = {
    name: 'orders',
    numPartitions: 2,
    replicationFactor: -1,
    assignments: [],
    configs: [{ name: 'flush.mode', value: 'relaxed' }],
  }
  const rules = { settings, newTopicId: () => topicIdOf('orders') }
  const { outcome, changes } = createTopics(imageWith(), [wanted], rules)
  expect(outcome).toEqual([
    {
      error: 'NONE',
      topicId: topicIdOf('orders'),
      numPartitions: 2,
      replicationFactor: 1,
      configs: new Map([['flush.mode', 'relaxed']]),
    },
  ])
  const topic = applyAll(imageWith(), changes).topics.byName.get('orders')
  expect(topic?.configs).toEqual(new Map([['flush.mode', 'relaxed']]))
  expect(topic?.partitions).toHaveLength(2)
})
