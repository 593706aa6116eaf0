import { expect, it } from 'vitest'
import { addRaftVoter } from '../../../../packages/broker/src/handlers/add-raft-voter.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('leaves the voters as they are', async () => {
  const { ask, forbid } = await adminBroker()
  expect(await ask(addRaftVoter, 1, {})).toMatchObject({ errorCode: 35 })
  forbid(() => true)
  expect(await ask(addRaftVoter, 1, {})).toMatchObject({ errorCode: 31 })
})
