import { expect, it } from 'vitest'
import { deleteAcls } from '../../../../packages/broker/src/handlers/delete-acls.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('deletes none without an authorizer, and says so for each filter', async () => {
  const { ask, forbid } = await adminBroker()
  const remove = async () => (await ask(deleteAcls, 3, { filters: [{}, {}] })).filterResults
  expect(await remove()).toMatchObject([
    { errorCode: 54, matchingAcls: [] },
    { errorCode: 54, matchingAcls: [] },
  ])
  forbid(() => true)
  expect(await remove()).toMatchObject([{ errorCode: 31 }, { errorCode: 31 }])
})
