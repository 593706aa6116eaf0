import { describe, expect, it } from 'vitest'
import { keptPlans } from './kept-plans.ts'
import { runPlan } from './run-plan.ts'

const shares = Array.from({ length: 13 }, (_, index) => index / 12)
const seeds = [1, 2]

describe.each(Object.entries(keptPlans))('when %s', (_, plan) => {
  it('nothing is lost, wherever the power goes', async () => {
    let runs = 0
    for (const share of shares) {
      for (const seed of seeds) {
        await runPlan({ ...plan, crash: { ...plan.crash, share, seed } })
        runs += 1
      }
    }
    expect(runs).toBe(shares.length * seeds.length)
  })
})
