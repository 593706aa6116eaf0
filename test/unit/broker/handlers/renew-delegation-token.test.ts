import { expect, it } from 'vitest'
import { renewDelegationToken } from '../../../../packages/broker/src/handlers/renew-delegation-token.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('says that there are no delegation tokens', async () => {
  const { ask } = await adminBroker()
  expect(await ask(renewDelegationToken, 2, {})).toEqual({ errorCode: 61, expiryTimestampMs: -1 })
})
