import { describe, expect, it } from 'vitest'
import { commonVersion } from '../../../../packages/client/src/network/versions.ts'

const api = { key: 1, name: 'Fetch', versions: [4, 18] as const }
const offering = (min: number, max: number) => new Map([[1, { min, max }]])

describe('commonVersion', () => {
  it('is the newest that both speak', () => {
    expect(commonVersion(api, offering(0, 11))).toBe(11)
    expect(commonVersion(api, offering(4, 99))).toBe(18)
    expect(commonVersion(api, offering(4, 18), 12)).toBe(12)
  })

  it('throws where there is none', () => {
    const about = { code: 'UNSUPPORTED_VERSION' }
    for (const [min, max] of [
      [0, 3],
      [19, 20],
    ] as const) {
      expect(() => commonVersion(api, offering(min, max))).toThrow(expect.objectContaining(about))
    }
    expect(() => commonVersion(api, new Map())).toThrow('does not offer Fetch')
    expect(() => commonVersion(api, offering(14, 18), 12)).toThrow(
      'the broker speaks Fetch 14 to 18, this client 4 to 12',
    )
  })
})
