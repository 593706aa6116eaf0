import { isUuid, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'

describe('isUuid', () => {
  it('knows sixteen bytes in base64url from other text', () => {
    expect(isUuid(ZERO_UUID)).toBe(true)
    expect(isUuid('IDD3ml3ptdy-FzWCrXPgvA')).toBe(true)
    expect(isUuid('IDD3ml3ptdy-FzWCrXPgvB')).toBe(false)
    expect(isUuid('IDD3ml3ptdy+FzWCrXPgvA')).toBe(false)
    expect(isUuid('')).toBe(false)
  })
})
