import { expect, it } from 'vitest'
import { expireDelegationToken } from '../../../../packages/broker/src/handlers/expire-delegation-token.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('says that there are no delegation tokens', async () => {
  const { ask } = await adminBroker()
  expect(await ask(expireDelegationToken, 2, {})).toEqual({ errorCode: 61, expiryTimestampMs: -1 })
})
