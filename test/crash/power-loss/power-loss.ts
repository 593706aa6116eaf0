/**
 * `npm run prove -- power-loss`: seeded runs of the whole storage engine over a disk that keeps its word and no more. After thirty steps and
 * some the power goes, at any operation; what was not synced is kept, lost or torn, write by write and name by name. What comes back is
 * compared with what was promised. A round is one run; two processes share them.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PartReport } from './part.ts'

const PROCESSES = 2
/** So many at a time: often enough to hear of them. */
const RUNS_PER_PART = 1_000

export interface PowerLossOptions {
  readonly rounds: number
  readonly seed: number
  readonly log: (line: string) => void
}

/** Throws at the first run in which a law does not hold. */
export async function prove({ rounds, seed, log }: PowerLossOptions): Promise<object> {
  const began = performance.now()
  const sum = { runs: 0, steps: 0, operations: 0, restarts: 0, appends: 0, refused: 0 }
  let next = 0
  const work = async (): Promise<void> => {
    while (next < rounds) {
      const first = seed + next
      const count = Math.min(RUNS_PER_PART, Math.ceil(rounds / PROCESSES), rounds - next)
      next += count
      const report = await partFrom(first, count)
      sum.runs += report.runs
      for (const [name, value] of Object.entries(report.counts))
        sum[name as keyof typeof report.counts] += value
      if (report.failure !== undefined) {
        next = rounds
        throw new Error(report.failure)
      }
      if (rounds > RUNS_PER_PART) log(`${sum.runs} of ${rounds}: ${secondsSince(began)} s`)
    }
  }
  await Promise.all(Array.from({ length: PROCESSES }, work))
  log(
    `${sum.runs} runs, ${sum.steps} steps, ${sum.appends} batches, ${sum.restarts} starts, as many crashes as runs or more, ` +
      `${sum.operations} operations of the disk; ${secondsSince(began)} s`,
  )
  return {}
}

async function partFrom(first: number, count: number): Promise<PartReport> {
  const path = fileURLToPath(new URL('part.ts', import.meta.url))
  const child = fork(path, [String(first), String(count)])
  const [report] = await Promise.race([
    once(child, 'message') as Promise<[PartReport]>,
    once(child, 'exit').then(([code]) => {
      throw new Error(`the runs from seed ${first} on ended with exit code ${code}`)
    }),
  ])
  return report
}

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 1000)
