import { expect, it } from 'vitest'
import { describeDelegationToken } from '../../../../packages/broker/src/handlers/describe-delegation-token.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('says that there are no delegation tokens', async () => {
  const { ask } = await adminBroker()
  expect(await ask(describeDelegationToken, 3, { owners: null })).toEqual({
    errorCode: 61,
    tokens: [],
  })
})
