import { expect, it } from 'vitest'
import { describeAcls } from '../../../../packages/broker/src/handlers/describe-acls.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('knows of none without an authorizer', async () => {
  const { ask, forbid } = await adminBroker()
  expect(await ask(describeAcls, 3, {})).toMatchObject({ errorCode: 54, resources: [] })
  forbid(() => true)
  expect(await ask(describeAcls, 3, {})).toMatchObject({ errorCode: 31, resources: [] })
})
