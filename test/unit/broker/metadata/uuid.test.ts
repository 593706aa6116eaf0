import { expect, it } from 'vitest'
import { randomUuid } from '../../../../packages/broker/src/metadata/uuid.ts'

it('never begins with a dash, and is 22 characters of base64url', () => {
  let calls = 0
  const random = {
    bytes: (size: number) => new Uint8Array(size).fill(calls++ === 0 ? 0xfb : 0x10),
    below: () => 0,
  }
  expect(randomUuid(random)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
  expect(calls).toBe(2)
})
