import { expect, it } from 'vitest'
import { createDelegationToken } from '../../../../packages/broker/src/handlers/create-delegation-token.ts'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'

it('says that there are no delegation tokens, to whom and for whom', () => {
  const create = (apiVersion: number, owner: [string | null, string | null]) => {
    const connection = { principal: 'User:ANONYMOUS' }
    const [ownerPrincipalType, ownerPrincipalName] = owner
    return createDelegationToken.handle(
      { ownerPrincipalType, ownerPrincipalName, renewers: [], maxLifetimeMs: -1 },
      { apiVersion, connection } as RequestContext,
    )
  }
  const me = { principalType: 'User', principalName: 'ANONYMOUS' }
  expect(create(2, [null, null])).toMatchObject({ errorCode: 61, ...me, tokenId: '' })
  expect(create(2, [null, null])).not.toHaveProperty('tokenRequesterPrincipalName')
  expect(create(3, ['', ''])).toMatchObject({ ...me, tokenRequesterPrincipalName: 'ANONYMOUS' })
  expect(create(3, ['User', 'bob'])).toMatchObject({
    principalName: 'bob',
    tokenRequesterPrincipalName: 'ANONYMOUS',
  })
})
