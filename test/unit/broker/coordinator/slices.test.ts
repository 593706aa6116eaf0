import { describe, expect, it } from 'vitest'
import {
  runToEnd,
  type Sliced,
  SliceSteps,
} from '../../../../packages/broker/src/coordinator/slices.ts'

function* count(to: number): Sliced<number> {
  const steps = new SliceSteps()
  let counted = 0
  while (counted < to) {
    counted += 1
    if (steps.spend(1)) yield
  }
  return counted
}

describe('a sliced computation', () => {
  it('stops every few thousand steps', () => {
    const slices = [...count(100_000)].length
    expect(slices).toBeGreaterThan(10)
    expect(slices).toBeLessThan(100)
  })

  it('answers at its end when run in one go', () => {
    expect(runToEnd(count(100_000))).toBe(100_000)
    expect(runToEnd(count(0))).toBe(0)
  })

  it('counts a large step as a slice of its own', () => {
    const steps = new SliceSteps()
    expect(steps.spend(1_000_000)).toBe(true)
    expect(steps.spend(1)).toBe(false)
  })
})
