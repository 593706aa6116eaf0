import { describe, expect, it } from 'vitest'
import { mutants } from './mutants.ts'
import { planOf } from './plan.ts'
import { runPlan } from './run-plan.ts'

const SEEDS_MAX = 300

const lawBrokenBy = async (run: Promise<unknown>): Promise<string | undefined> => {
  try {
    await run
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe.each(Object.entries(mutants))('when %s', (_, { mutate, tune = plan => plan }) => {
  it('a run notices, and the same run with a disk that keeps its word finds nothing', async () => {
    let broken: string | undefined
    let seed = 0
    while (broken === undefined && seed < SEEDS_MAX) {
      seed += 1
      broken = await lawBrokenBy(runPlan(tune(planOf(seed)), mutate))
    }
    expect(broken, `within ${SEEDS_MAX} seeds`).toBeDefined()
    expect(await lawBrokenBy(runPlan(tune(planOf(seed))))).toBeUndefined()
  }, 120_000)
})
