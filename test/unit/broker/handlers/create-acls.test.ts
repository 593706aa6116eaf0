import { expect, it } from 'vitest'
import { createAcls } from '../../../../packages/broker/src/handlers/create-acls.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('creates none without an authorizer, and says so for each', async () => {
  const { ask, forbid } = await adminBroker()
  const create = async () =>
    (await ask(createAcls, 3, { creations: [{}, {}] })).results.map(({ errorCode }) => errorCode)
  expect(await create()).toEqual([54, 54])
  forbid(() => true)
  expect(await create()).toEqual([31, 31])
})
