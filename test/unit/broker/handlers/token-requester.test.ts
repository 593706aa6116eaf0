import { expect, it } from 'vitest'
import type { RequestContext } from '../../../../packages/broker/src/handlers/handler.ts'
import { tokenRequester } from '../../../../packages/broker/src/handlers/token-requester.ts'

it.each([
  ['User:ANONYMOUS', 'User', 'ANONYMOUS'],
  ['User:CN=a:b', 'User', 'CN=a:b'],
])('takes %s apart', (principal, principalType, principalName) => {
  const context = { connection: { principal } } as RequestContext
  expect(tokenRequester(context)).toEqual({ principalType, principalName })
})
