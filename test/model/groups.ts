/**
 * `npm run prove -- groups`: seeded walks of members of every kind, their zombies, tools, time, crashes and a disk whose syncs are held back,
 * against the shard that the broker runs. A round is a batch of walks; what fails is made shorter before it is printed.
 */
import { type GroupPlan, type GroupStep, groupPlan } from './group-plan.ts'
import { GroupWalk, type Walked } from './group-walk.ts'

export const WALKS_PER_ROUND = 100

export interface GroupsOptions {
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
}

/** Throws at the first walk in which a law does not hold. */
export const prove = async ({ rounds, seed, log }: GroupsOptions): Promise<object> => {
  const began = performance.now()
  const cpuBegan = process.cpuUsage()
  const sum = { walks: 0, steps: 0, decisions: 0, answers: 0 }
  for (let round = 0; round < rounds; round += 1) {
    for (let walk = 0; walk < WALKS_PER_ROUND; walk += 1) {
      const walkSeed = seed + round * WALKS_PER_ROUND + walk
      const plan = groupPlan(walkSeed)
      const { decisions, answers } = await walkedOrExplained(plan, walkSeed)
      sum.walks += 1
      sum.steps += plan.steps.length
      sum.decisions += decisions
      sum.answers += answers
    }
  }
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpuBegan)
  const cpuSeconds = (user + system) / 1e6
  const perMinute = Math.round((sum.walks * 60) / seconds)
  const perCpuMinute = Math.round((sum.walks * 60) / cpuSeconds)
  log(
    `${sum.walks} walks, ${sum.steps} steps, ${sum.decisions} decisions, ${sum.answers} answers; ` +
      `${perMinute} walks a minute, ${perCpuMinute} a minute of one processor`,
  )
  return {}
}

async function walkedOrExplained(plan: GroupPlan, seed: number): Promise<Walked> {
  const failure = await failureOf(plan)
  if (!(failure instanceof Error)) return failure
  const shorter = await shortened(plan, failure)
  const told = [
    `seed ${seed} (one walk: --rounds 1 --seed ${seed}): ${failure.message}`,
    `members: ${JSON.stringify(shorter.members)}`,
    `delay: ${shorter.initialRebalanceDelayMs} ms`,
    ...shorter.steps.map(step => JSON.stringify(step)),
  ]
  throw new Error(told.join('\n'), { cause: failure })
}

/** What the walk found, or what it counted. */
export async function failureOf(plan: GroupPlan): Promise<Error | Walked> {
  try {
    const walk = new GroupWalk(plan)
    for (const step of plan.steps) {
      const restarted = walk.take(step)
      if (restarted !== undefined) await restarted
    }
    await walk.converge()
    return walk.walked
  } catch (error) {
    return error as Error
  }
}

/** The same failure with fewer steps: pieces are left out, ever smaller ones, as long as it still fails the same law. */
async function shortened(plan: GroupPlan, failure: Error): Promise<GroupPlan> {
  const law = lawOf(failure)
  let steps: readonly GroupStep[] = plan.steps
  for (let piece = Math.ceil(steps.length / 2); piece >= 1; piece = piece === 1 ? 0 : piece >> 1) {
    for (let at = 0; at < steps.length; ) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + piece)]
      const result = await failureOf({ ...plan, steps: fewer })
      if (result instanceof Error && lawOf(result) === law) steps = fewer
      else at += piece
    }
  }
  return { ...plan, steps }
}

const lawOf = ({ message }: Error): string => message.split(':').slice(0, 2).join(':').slice(0, 60)
