/**
 * `npm run bench -- log [--quick] [--whole] [--only append|durable|read|compaction|overload] [--rounds N] [--json FILE] [--markdown FILE]
 * [--write]`: the log beside the raw calls that do the same bytes, in the same run and in turns. `--whole` keeps the disk overloaded for ten
 * minutes.
 */
import { benchCompaction } from './compaction.ts'
import { appends, type NamedComparison } from './log-append.ts'
import { durableWriters } from './log-durable.ts'
import { LOOP_AIM_MS, overload } from './log-overload.ts'
import { reads } from './log-read.ts'
import { thisMachine } from './machine.ts'
import { type Output, type PeerTable, putOut } from './peers/output.ts'
import { amount } from './report.ts'

const AIM = 0.7

export interface LogBench {
  readonly rounds: number
  readonly quick: boolean
  readonly overloadSeconds: number
  readonly only: string | undefined
  readonly output: Output
}

/** Some measure how long the loop is held, too. */
export interface LogFigure extends NamedComparison {
  readonly loopP99Ms?: number
}

/** Says whether the aims were met. */
export async function benchLog({
  rounds,
  quick,
  overloadSeconds,
  only,
  output,
}: LogBench): Promise<boolean> {
  const sampleMs = quick ? 150 : 500
  const parts: Readonly<Record<string, () => Promise<readonly LogFigure[]>>> = {
    append: async () => shown(await appends(rounds)),
    durable: async () => shown(await durableWriters(rounds, sampleMs)),
    read: async () => shown(await reads(rounds)),
    compaction: () => benchCompaction({ segments: quick ? 4 : 16 }),
    overload: () => overload(overloadSeconds),
  }
  const figures: LogFigure[] = []
  for (const [part, measure] of Object.entries(parts))
    if (only === undefined || part === only) figures.push(...(await measure()))
  const { machine, date, commit } = thisMachine()
  const head = [
    `${machine}; commit ${commit}, ${date}`,
    `medians of ${rounds} rounds, each there and back; compaction and overload once`,
    ...(quick ? ['quick: loads too short to be quoted'] : []),
  ]
  putOut({ suite: 'log', head, tables: [logTable(figures)], raw: { figures } }, output)
  const missed = figures.filter(one => !isMet(one)).map(({ name }) => name)
  console.log(missed.length === 0 ? '\nAll aims were met.' : `\nMissed: ${missed.join(', ')}`)
  return missed.length === 0
}

/** As it comes, for some parts take minutes. */
function shown(compared: readonly NamedComparison[]): readonly NamedComparison[] {
  for (const { name, unit, ours, raw, ratio } of compared)
    console.log(`${name}: ${amount(ours)} ${unit} beside ${amount(raw)} raw, ${ratio.toFixed(2)}`)
  return compared
}

function isMet({ ratio, loopP99Ms = 0 }: LogFigure): boolean {
  return ratio >= AIM && loopP99Ms <= LOOP_AIM_MS
}

export function logTable(figures: readonly LogFigure[]): PeerTable {
  const rows = figures.map(one => [
    one.name,
    `${amount(one.ours)} ${one.unit}`,
    `${amount(one.raw)} ${one.unit}`,
    one.ratio.toFixed(2),
    one.loopP99Ms === undefined ? '' : `${one.loopP99Ms.toFixed(1)} ms`,
    one.loopP99Ms === undefined ? `>= ${AIM}` : `>= ${AIM}, loop <= ${LOOP_AIM_MS} ms`,
    isMet(one) ? 'yes' : 'NO',
  ])
  const head = ['load', 'the log', 'raw calls', 'ratio', 'loop delay p99', 'aim', 'met']
  return { title: 'The log beside the raw calls: medians', rows: [head, ...rows] }
}
