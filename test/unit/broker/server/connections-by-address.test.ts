import { expect, it } from 'vitest'
import { ConnectionsByAddress } from '../../../../packages/broker/src/server/connections-by-address.ts'

it('finds an address, also one with colons, and follows the setting', () => {
  const overrides = new ConnectionsByAddress()
  expect(overrides.of('10.0.0.1', '')).toBeUndefined()
  const text = '10.0.0.1:200, ::1:5'
  expect(overrides.of('10.0.0.1', text)).toBe(200)
  expect(overrides.of('::1', text)).toBe(5)
  expect(overrides.of('10.0.0.2', text)).toBeUndefined()
  expect(overrides.of('10.0.0.1', '10.0.0.1:0')).toBe(0)
  expect(overrides.of('10.0.0.1', '10.0.0.1:many, 10.0.0.1, :5')).toBeUndefined()
})
