import { errorName } from '@varve/protocol'
import { expect, it } from 'vitest'
import { alterConfigs } from '../../../../packages/broker/src/handlers/alter-configs.ts'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('replaces all settings of a topic', async () => {
  const broker = await adminBroker()
  const configs = [{ name: 'retention.ms', value: '5' }]
  await makeTopics(broker.parts, [
    { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs },
  ])
  const { responses } = await broker.ask(alterConfigs, 2, {
    resources: [
      { resourceType: 2, resourceName: 'orders', configs: [{ name: 'flush.ms', value: '1' }] },
    ],
    validateOnly: false,
  })
  expect(responses.map(({ errorCode }) => errorName(errorCode))).toEqual(['NONE'])
  expect(broker.store.image.topics.byName.get('orders')?.configs).toEqual(
    new Map([['flush.ms', '1']]),
  )
})
