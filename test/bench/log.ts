/**
 * `npm run bench -- log [--quick] [--whole] [--only append|durable|read|compaction|overload]`: the log beside the raw calls that do the same
 * bytes, in the same run and in turns. `--whole` keeps the disk overloaded for ten minutes.
 */
import { benchCompaction } from './compaction.ts'
import { appends, type NamedComparison } from './log-append.ts'
import { durableWriters } from './log-durable.ts'
import { overload } from './log-overload.ts'
import { reads } from './log-read.ts'

const AIM = 0.7

export interface LogBench {
  readonly rounds: number
  readonly quick: boolean
  readonly overloadSeconds: number
  readonly only: string | undefined
}

/** Says whether the aims were met. */
export async function benchLog({
  rounds,
  quick,
  overloadSeconds,
  only,
}: LogBench): Promise<boolean> {
  const isWanted = (part: string): boolean => only === undefined || part === only
  const sampleMs = quick ? 150 : 500
  let isMet = true
  if (isWanted('append')) isMet = show(await appends(rounds)) && isMet
  if (isWanted('durable')) isMet = show(await durableWriters(rounds, sampleMs)) && isMet
  if (isWanted('read')) isMet = show(await reads(rounds)) && isMet
  if (isWanted('compaction')) await benchCompaction({ segments: quick ? 4 : 16 })
  if (isWanted('overload')) isMet = (await overload(overloadSeconds)) && isMet
  return isMet
}

function show(compared: readonly NamedComparison[]): boolean {
  for (const { name, unit, ours, raw, ratio } of compared) {
    const figures = `${amount(ours)} ${unit} beside ${amount(raw)} raw`
    console.log(`${name}: ${figures}, ${ratio.toFixed(2)}${ratio < AIM ? ` (aim ${AIM})` : ''}`)
  }
  return compared.every(({ ratio }) => ratio >= AIM)
}

const amount = (value: number): string => Math.round(value).toLocaleString('en-US')
