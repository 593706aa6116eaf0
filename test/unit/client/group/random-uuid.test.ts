import { describe, expect, it } from 'vitest'
import { randomUuid } from '../../../../packages/client/src/group/random-uuid.ts'

describe('randomUuid', () => {
  it('is a UUID of version 4 in base64url', () => {
    const uuid = randomUuid({ below: bound => bound - 1 })
    expect(Buffer.from(uuid, 'base64url').toString('hex')).toBe('ffffffffffff4fffbfffffffffffffff')
    expect(uuid).toMatch(/^[\w-]{22}$/)
  })
})
