import { describe, expect, it } from 'vitest'
import { adminTimeoutMs } from '../../../../packages/client/src/admin/options.ts'

describe('adminTimeoutMs', () => {
  it('is that of the client unless the admin has its own', () => {
    expect(adminTimeoutMs({}, 60_000)).toBe(60_000)
    expect(adminTimeoutMs({ timeoutMs: 5 }, 60_000)).toBe(5)
    expect(() => adminTimeoutMs({ timeoutMs: 0 }, 1)).toThrow('timeoutMs is 0')
    expect(() => adminTimeoutMs({ timeout: 1 } as never, 1)).toThrow(
      'admin: there is no option timeout',
    )
  })
})
