/** Runs a seed, and says of one that fails what it did, with as few steps as possible. */
import { type PowerPlan, type PowerStep, planOf } from './plan.ts'
import type { Counts } from './run.ts'
import { runPlan } from './run-plan.ts'

/** Rejects with a story that can be told. */
export async function runOrExplain(seed: number): Promise<Counts> {
  const plan = planOf(seed)
  try {
    return await runPlan(plan)
  } catch (error) {
    const shorter = await shortened(plan, error as Error)
    const told = [
      `seed ${seed} (this run alone: --rounds 1 --seed ${seed}): ${(error as Error).message}`,
      JSON.stringify(shorter.settings),
      ...shorter.steps.filter(({ type }) => type !== 'nothing').map(step => JSON.stringify(step)),
      JSON.stringify(shorter.crash),
    ]
    throw new Error(told.join('\n'), { cause: error })
  }
}

/** The same failure with fewer steps: pieces are left out, ever smaller ones, as long as the same law fails. */
async function shortened(plan: PowerPlan, failure: Error): Promise<PowerPlan> {
  let steps: readonly PowerStep[] = plan.steps
  for (let piece = Math.ceil(steps.length / 2); piece >= 1; piece = piece === 1 ? 0 : piece >> 1) {
    for (let at = 0; at < steps.length; ) {
      const fewer = steps
        .with(at, NOTHING)
        .map((step, index) => (index > at && index < at + piece ? NOTHING : step))
      if (await failsAlike({ ...plan, steps: fewer }, failure)) steps = fewer
      at += piece
    }
  }
  return { ...plan, steps }
}

async function failsAlike(plan: PowerPlan, failure: Error): Promise<boolean> {
  try {
    await runPlan(plan)
    return false
  } catch (error) {
    return lawOf(error as Error) === lawOf(failure)
  }
}

const NOTHING = { type: 'nothing' } as const

const lawOf = ({ message }: Error): string => message.replaceAll(/\d+/g, '').slice(0, 30)
