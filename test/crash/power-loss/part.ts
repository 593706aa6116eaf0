/** A part of the proof in a process of its own: `part.ts FIRST ROUNDS`. It sends what it counted, or what it found. */
import { runOrExplain } from './explain.ts'
import type { Counts } from './run.ts'

export interface PartReport {
  readonly runs: number
  readonly counts: Counts
  readonly failure: string | undefined
}

const [first = 0, rounds = 0] = process.argv.slice(2).map(Number)
const counts: Counts = { steps: 0, operations: 0, restarts: 0, appends: 0, refused: 0 }
let runs = 0
let failure: string | undefined
while (runs < rounds && failure === undefined) {
  try {
    const more = await runOrExplain(first + runs)
    for (const key of Object.keys(counts) as (keyof Counts)[]) counts[key] += more[key]
    runs += 1
  } catch (error) {
    failure = (error as Error).message
  }
}
process.send?.({ runs, counts, failure } satisfies PartReport)
process.disconnect?.()
