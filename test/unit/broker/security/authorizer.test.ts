import { expect, it } from 'vitest'
import type { ConnectionInfo } from '../../../../packages/broker/src/handlers/handler.ts'
import { allowAll } from '../../../../packages/broker/src/security/authorizer.ts'

it('allows everything until an authorizer is configured', () => {
  const action = { operation: 'Delete', resourceType: 'Topic', resourceName: 'orders' } as const
  expect(allowAll.authorize({} as ConnectionInfo, action)).toBe(true)
})
