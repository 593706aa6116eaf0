import { describe, expect, it } from 'vitest'
import { logTable } from '../../bench/log.ts'
import { figuresOf, slope } from '../../bench/mixed-figures.ts'
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

describe('the figures of a mixed load', () => {
  const ended = { errors: 0, lost: 0, rawRate: 900, taken: 400 }
  const namesAfter = (minutes: number): string[] =>
    figuresOf([], { ...ended, minutes }).map(({ name }) => name)

  it('are named short where it was too short for its aims', () => {
    expect(namesAfter(20).every(name => name.startsWith('mixed load'))).toBe(true)
    expect(namesAfter(1).every(name => name.startsWith('short mixed load'))).toBe(true)
  })
})

describe('the table of the log', () => {
  const one = { name: 'a load', unit: 'MB/s', ours: 900, raw: 1_000, ratio: 0.9 }

  it('asks for the ratio, and for the delay of the loop where it was measured', () => {
    const delayed = [10, 60].map(loopP99Ms => ({ ...one, loopP99Ms }))
    const { rows } = logTable([one, { ...one, ratio: 0.5 }, ...delayed])
    expect(rows.slice(1).map(cells => cells.at(-1))).toEqual(['yes', 'NO', 'yes', 'NO'])
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
