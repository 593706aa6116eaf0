import { expect, it } from 'vitest'
import { SECURITY_DISABLED } from '../../../../packages/broker/src/handlers/security-disabled.ts'

it('says what is missing', () => {
  expect(SECURITY_DISABLED).toMatchObject({
    error: 'SECURITY_DISABLED',
    message: expect.stringContaining('authorizer'),
  })
})
