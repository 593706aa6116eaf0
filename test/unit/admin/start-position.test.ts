import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../packages/admin/src/command-error.ts'
import { startPosition } from '../../../packages/admin/src/start-position.ts'

describe('startPosition', () => {
  it('reads the ends, offsets and times', () => {
    expect(startPosition('beginning')).toBe('earliest')
    expect(startPosition('end')).toBe('latest')
    expect(startPosition('0')).toBe(0)
    expect(startPosition('offset:42')).toBe(42)
    expect(startPosition('offset 42')).toBe(42)
    expect(startPosition('2026-11-21T10:00:00Z')).toEqual({ timestamp: Date.UTC(2026, 10, 21, 10) })
    expect(startPosition('2026-11-21T10:00')).toEqual({ timestamp: Date.UTC(2026, 10, 21, 10) })
    expect(startPosition('2026-11-21')).toEqual({ timestamp: Date.UTC(2026, 10, 21) })
  })

  it('refuses the rest with a sentence', () => {
    for (const text of ['', 'begin', '-1', '1.5', '2026', 'yesterday', '2026-13-45T99:00:00Z']) {
      if (text === '2026') expect(startPosition(text)).toBe(2026)
      else expect(() => startPosition(text)).toThrow(UsageError)
    }
  })
})
