/** End to end at a thousand records a second, sent when they are due. */
import { accountedLoad } from './accounting.ts'
import type { Percentiles } from './percentiles.ts'
import { type LatencyRow, median } from './report.ts'
import type { Side, Stage } from './stage.ts'
import { asTable } from './table.ts'

const PER_SECOND = 1_000
const RECORD_BYTES = 100
const WARM_UP_MS = 500
let topics = 0

export interface LatencyOptions {
  readonly rounds: number
  readonly forMs: number
}

interface Round {
  readonly sent: Percentiles
  readonly acknowledged: Percentiles
  readonly endToEnd: Percentiles
  readonly generatorCores: number
}

export const LATENCY_CASE = `end to end, ${PER_SECOND} records/s`

/** The null broker hands out what it has appended, too: what sockets, processes and the generator take of it. */
export async function endToEnd(
  stage: Stage,
  { rounds, forMs }: LatencyOptions,
): Promise<LatencyRow[]> {
  const sides = [stage.nothing, stage.relaxed, stage.durable]
  const all = new Map<Side, Round[]>(sides.map(side => [side, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const one = await measured(side, stage, forMs)
      if (round > 0) all.get(side)?.push(one)
    }
  }
  const rows = sides.map(side => rowOf(side, all.get(side) ?? []))
  console.log(`${asTable(latencyTable(rows))}\n`)
  return rows
}

async function measured(side: Side, stage: Stage, forMs: number): Promise<Round> {
  topics += 1
  const topic = `latency-${topics}`
  await side.prepare(topic, 1)
  await side.nothing?.serve('tail')
  const sample = await accountedLoad(side.pid, stage.generator, {
    ...{ type: 'open', port: side.port, topic, perSecond: PER_SECOND },
    ...{ forMs: forMs + WARM_UP_MS, warmUpMs: WARM_UP_MS, recordBytes: RECORD_BYTES },
  })
  await side.check(topic, [sample.records ?? 0])
  await side.clear(topic)
  const { latencies, generatorCores } = sample
  if (latencies === undefined) throw new Error('the generator measured no latencies')
  return { ...latencies, generatorCores }
}

function rowOf(side: Side, rounds: readonly Round[]): LatencyRow {
  const of = (what: 'sent' | 'acknowledged' | 'endToEnd'): Percentiles => {
    const middle = (field: keyof Percentiles): number =>
      median(rounds.map(round => round[what][field]))
    return {
      samples: rounds.reduce((sum, round) => sum + round[what].samples, 0),
      p50Ms: middle('p50Ms'),
      p99Ms: middle('p99Ms'),
      p999Ms: middle('p999Ms'),
      maxMs: Math.max(...rounds.map(round => round[what].maxMs)),
    }
  }
  return {
    case: LATENCY_CASE,
    side: side.name,
    sent: of('sent'),
    acknowledged: of('acknowledged'),
    endToEnd: of('endToEnd'),
    generatorCores: median(rounds.map(round => round.generatorCores)),
  }
}

export function latencyTable(rows: readonly LatencyRow[]): string[][] {
  const cells = ({ p50Ms, p99Ms, p999Ms, maxMs }: Percentiles): string =>
    [p50Ms, p99Ms, p999Ms, maxMs].map(value => value.toFixed(2)).join(' / ')
  return [
    [
      'ms from when it was due: p50 / p99 / p99.9 / most',
      'sent',
      'acknowledged',
      'consumed',
      'samples',
    ],
    ...rows.map(row => [
      row.side,
      cells(row.sent),
      cells(row.acknowledged),
      cells(row.endToEnd),
      String(row.endToEnd.samples),
    ]),
  ]
}
