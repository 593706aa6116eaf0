import { expect, it } from 'vitest'
import { unregisterBroker } from '../../../../packages/broker/src/handlers/unregister-broker.ts'
import { adminBroker } from '../../../support/admin-broker.ts'
import { registration } from '../../../support/metadata-image.ts'

it('forgets a broker that is gone', async () => {
  const { ask, store } = await adminBroker()
  await store.propose([registration(7)], store.image)
  const unregister = async (brokerId: number) =>
    (await ask(unregisterBroker, 0, { brokerId })).errorCode
  expect(await unregister(1)).toBe(42)
  expect(await unregister(7)).toBe(0)
  expect([...store.image.brokers.keys()]).toEqual([1])
  expect(await unregister(7)).toBe(102)
})
