/**
 * `npm run prove -- transactions`: seeded walks of producers of v1 and v2, their zombies, requests that are late, repeated or not heard,
 * readers, timeouts, crashes, and a disk whose syncs are held back, against a whole broker. What fails is made shorter before it is printed.
 */
import { type TransactionPlan, type TransactionStep, transactionPlan } from './transaction-plan.ts'
import { TransactionWalk, type WalkedTransactions } from './transaction-walk.ts'

export const WALKS_PER_ROUND = 100

export interface TransactionsOptions {
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
  readonly walksPerRound?: number
}

/** Throws at the first walk in which a law does not hold. */
export const prove = async (options: TransactionsOptions): Promise<object> => {
  const { rounds, seed, log, walksPerRound = WALKS_PER_ROUND } = options
  const began = performance.now()
  const sum = { walks: 0, steps: 0, requests: 0, transactions: 0, committed: 0, crashes: 0 }
  for (let walk = 0; walk < rounds * walksPerRound; walk += 1) {
    const plan = transactionPlan(seed + walk)
    const walked = await walkedOrExplained(plan)
    sum.walks += 1
    sum.steps += plan.steps.length
    sum.requests += walked.requests
    sum.transactions += walked.transactions
    sum.committed += walked.committed
    sum.crashes += walked.crashes
  }
  const perMinute = Math.round((sum.walks * 60_000) / (performance.now() - began))
  log(
    `${sum.walks} walks, ${sum.steps} steps, ${sum.requests} requests, ${sum.transactions} transactions ` +
      `(${sum.committed} committed), ${sum.crashes} restarts; ${perMinute} walks a minute`,
  )
  return {}
}

async function walkedOrExplained(plan: TransactionPlan): Promise<WalkedTransactions> {
  const failure = await failureOf(plan)
  if (!(failure instanceof Error)) return failure
  const shorter = await shortened(plan, failure)
  const told = [
    `seed ${plan.seed} (one walk: --rounds 1 --seed ${plan.seed}): ${failure.message}`,
    `versions: ${shorter.versions.join()}`,
    ...shorter.steps.map(step => JSON.stringify(step)),
  ]
  throw new Error(told.join('\n'), { cause: failure })
}

/** What the walk found, or what it counted. */
export async function failureOf(plan: TransactionPlan): Promise<Error | WalkedTransactions> {
  try {
    return await new TransactionWalk(plan).walk()
  } catch (error) {
    return error as Error
  }
}

/** The same failure with fewer steps: pieces are left out, ever smaller ones, as long as it still fails the same law. */
async function shortened(plan: TransactionPlan, failure: Error): Promise<TransactionPlan> {
  const law = lawOf(failure)
  let steps: readonly TransactionStep[] = plan.steps
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
