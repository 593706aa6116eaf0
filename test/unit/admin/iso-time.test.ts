import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../packages/admin/src/iso-time.ts'

const TEN = Date.UTC(2026, 10, 21, 10)

describe('isoTime', () => {
  it('reads times with a zone', () => {
    expect(isoTime('2026-11-21T10:00:00Z')).toBe(TEN)
    expect(isoTime('2026-11-21T12:00:00+02:00')).toBe(TEN)
    expect(isoTime('2026-11-21T04:30:00.000-0530')).toBe(TEN)
    expect(isoTime('2026-11-21T11:00+01')).toBe(TEN)
  })

  it('takes UTC where there is no zone, whatever the machine has', () => {
    expect(isoTime('2026-11-21T10:00:00.000')).toBe(TEN)
    expect(isoTime('2026-11-21 10:00')).toBe(TEN)
    expect(isoTime('2026-11-21')).toBe(Date.UTC(2026, 10, 21))
  })

  it('keeps milliseconds, and drops what is finer', () => {
    expect(isoTime('2026-11-21T10:00:00.5Z')).toBe(TEN + 500)
    expect(isoTime('2026-11-21T10:00:00,007Z')).toBe(TEN + 7)
    expect(isoTime('2026-11-21T10:00:00.123456789Z')).toBe(TEN + 123)
  })

  it('refuses what is no time, and days that do not exist', () => {
    const wrong = ['', '2026', '10:00', 'yesterday', '2026-11-21T10', '2026-11-21T10:00:00X']
    const unreal = ['2026-02-29', '2026-13-01', '2026-04-31T10:00Z', '2026-11-21T24:00Z']
    for (const text of [...wrong, ...unreal, '2026-11-21T10:60Z', '2026-11-21T10:00+24:00'])
      expect([text, isoTime(text)]).toEqual([text, undefined])
    expect(isoTime('2028-02-29')).toBe(Date.UTC(2028, 1, 29))
  })
})
