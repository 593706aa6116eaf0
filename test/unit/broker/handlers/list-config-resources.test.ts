import { errorName } from '@varve/protocol'
import { expect, it } from 'vitest'
import { makeTopics } from '../../../../packages/broker/src/handlers/create-topics.ts'
import { listConfigResources } from '../../../../packages/broker/src/handlers/list-config-resources.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('lists what has settings, of the types that were asked for', async () => {
  const broker = await adminBroker()
  await makeTopics(broker.parts, [
    { name: 'orders', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
  ])
  const list = async (version: number, resourceTypes: number[]) => {
    const { errorCode, configResources } = await broker.ask(listConfigResources, version, {
      resourceTypes,
    })
    return [
      errorName(errorCode),
      ...configResources.map(({ resourceType, resourceName }) => `${resourceType} ${resourceName}`),
    ]
  }
  expect(await list(1, [])).toEqual(['NONE', '2 orders', '4 1', '8 1'])
  expect(await list(1, [2, 2])).toEqual(['NONE', '2 orders'])
  expect(await list(1, [77])).toEqual(['UNSUPPORTED_VERSION'])
  expect(await list(0, [])).toEqual(['NONE'])
  broker.forbid(() => true)
  expect(await list(1, [])).toEqual(['CLUSTER_AUTHORIZATION_FAILED'])
})

it('knows subscriptions to client metrics, also in the version that knew nothing else', async () => {
  const { ask, store } = await adminBroker()
  const setting = { resourceType: 16, resourceName: 'all', name: 'metrics', value: '*' }
  await store.propose([{ type: 'ConfigRecord', ...setting }], store.image)
  const { configResources } = await ask(listConfigResources, 0, {})
  expect(configResources).toEqual([{ resourceName: 'all', resourceType: 16 }])
})
