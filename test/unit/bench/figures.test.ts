import { describe, expect, it } from 'vitest'
import { slope } from '../../bench/mixed-figures.ts'
import { percentiles } from '../../bench/percentiles.ts'
import { isMet, missed } from '../../bench/report.ts'

describe('percentiles', () => {
  it('are of all samples', () => {
    const values = Float64Array.from({ length: 1_000 }, (_, index) => 1_000 - index)
    expect(percentiles(values)).toEqual({
      samples: 1_000,
      p50Ms: 500,
      p99Ms: 990,
      p999Ms: 999,
      maxMs: 1_000,
    })
  })
})

describe('slope', () => {
  it('is that of what comes after the caches have filled', () => {
    const samples = Array.from({ length: 100 }, (_, index) => ({
      minute: index / 10,
      megabytes: index < 25 ? index * 100 : 3_000 + index,
    }))
    expect(slope(samples)).toBeCloseTo(10)
  })
})

describe('an aim', () => {
  const ratio = { name: 'a case', ratio: 0.9, cpuRatio: 0.5, aim: 0.6 }

  it('is asked of the wall clock, and of the processor where the generator was the limit', () => {
    expect(isMet(ratio)).toBe(true)
    expect(isMet({ ...ratio, isGeneratorBound: true })).toBe(false)
    expect(isMet({ ...ratio, aim: undefined })).toBe(undefined)
  })

  it('is missed by a part that ended with an error', () => {
    const report = { machine: '', rounds: 5, rows: [], ratios: [ratio], figures: [] }
    expect(missed(report)).toEqual([])
    expect(missed({ ...report, problems: ['growth: closed'] })).toEqual(['growth: closed'])
  })
})
