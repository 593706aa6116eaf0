import { describe, expect, it } from 'vitest'
import { durationMs } from '../../../packages/admin/src/duration.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('durationMs', () => {
  it('reads ISO durations', () => {
    expect(durationMs('PT1H30M')).toBe(90 * MINUTE)
    expect(durationMs('P2DT3H4M5.678S')).toBe(2 * DAY + 3 * HOUR + 4 * MINUTE + 5678)
    expect(durationMs('p1d')).toBe(DAY)
    expect(durationMs('P2W')).toBe(14 * DAY)
    expect(durationMs('PT0S')).toBe(0)
  })

  it('reads short ones', () => {
    expect(durationMs('90m')).toBe(90 * MINUTE)
    expect(durationMs('1h30m')).toBe(90 * MINUTE)
    expect(durationMs('1.5 h')).toBe(90 * MINUTE)
    expect(durationMs('2d 12h')).toBe(60 * HOUR)
    expect(durationMs('1w')).toBe(7 * DAY)
    expect(durationMs('250ms')).toBe(250)
    expect(durationMs('3s')).toBe(3000)
  })

  it('refuses the rest: months and years have no fixed length', () => {
    for (const text of [
      '',
      'P',
      'PT',
      'P1DT',
      'P1M',
      'P1Y',
      '-PT1H',
      'PT-1H',
      '90',
      'h',
      '1x',
      '-5m',
    ])
      expect([text, durationMs(text)]).toEqual([text, undefined])
  })
})
