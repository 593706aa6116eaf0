import { expect, it } from 'vitest'
import { removeRaftVoter } from '../../../../packages/broker/src/handlers/remove-raft-voter.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('leaves the voters as they are', async () => {
  const { ask, forbid } = await adminBroker()
  expect(await ask(removeRaftVoter, 0, {})).toMatchObject({ errorCode: 35 })
  forbid(() => true)
  expect(await ask(removeRaftVoter, 0, {})).toMatchObject({ errorCode: 31 })
})
