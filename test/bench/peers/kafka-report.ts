/** What is asked of ours beside Apache Kafka, and what came of it. */
import type { Aim } from './kafka-cases.ts'
import type { StartFigures } from './kafka-start.ts'
import type { PeerTable } from './output.ts'
import type { CaseResult } from './peer-tables.ts'
import { type Measurements, type Metric, ratioOver } from './peer-turn.ts'

export interface Verdict {
  readonly what: string
  readonly ratio: number
  readonly atLeast: number | undefined
}

const METRICS: Readonly<Partial<Record<Metric, string>>> = {
  perSecond: 'wall',
  perCpuSecond: "per second of the broker's processor",
  p50Ms: 'p50',
  p99Ms: 'p99',
}
const START_AIM = 10
const IDLE_AIM = 4

export function verdictsOf({ name, measured }: CaseResult, aims: readonly Aim[]): Verdict[] {
  const find = (side: string): Measurements<unknown> | undefined =>
    measured.find(each => each.side.name === side)
  return aims.flatMap(({ ours, theirs, metric, atLeast }) => {
    const [left, right] = [find(ours), find(theirs)]
    if (left === undefined || right === undefined) return []
    // Of latencies, less is better: a ratio of 2 is half of theirs.
    const isLatency = metric === 'p50Ms' || metric === 'p99Ms'
    const ratio = isLatency ? ratioOver(right, left, metric) : ratioOver(left, right, metric)
    const way = isLatency ? `${theirs} over ${ours}` : `${ours} over ${theirs}`
    return [{ what: `${name}: ${way}, ${METRICS[metric] ?? metric}`, ratio, atLeast }]
  })
}

export function startVerdicts([ours, theirs]: readonly StartFigures[]): Verdict[] {
  if (ours === undefined || theirs === undefined) return []
  const starting = theirs.firstAckMs / ours.firstAckMs
  const idling = theirs.idleMegabytes / ours.idleMegabytes
  return [
    {
      ...{ what: 'start to the first acknowledged record: kafka over varve', ratio: starting },
      atLeast: START_AIM,
    },
    { what: 'idle memory: kafka over varve', ratio: idling, atLeast: IDLE_AIM },
  ]
}

export function missedOf(verdicts: readonly Verdict[]): string[] {
  return verdicts
    .filter(({ ratio, atLeast }) => atLeast !== undefined && !(ratio >= atLeast))
    .map(({ what }) => what)
}

export function verdictTable(verdicts: readonly Verdict[]): PeerTable {
  const rows = verdicts.map(({ what, ratio, atLeast }) => [
    what,
    ratio.toFixed(2),
    atLeast === undefined ? '' : `>= ${atLeast}`,
    atLeast === undefined ? '' : ratio >= atLeast ? 'yes' : 'NO',
  ])
  return {
    title: 'Ratios, each taken within a round, and their medians',
    rows: [['what', 'ratio', 'aim', 'met'], ...rows],
  }
}

export function startTable(starts: readonly StartFigures[]): PeerTable {
  const head = ['broker', 'to the first acknowledged record', 'processor until then', 'idle memory']
  const rows = starts.map(({ side, firstAckMs, cpuMs, idleMegabytes }) => [
    side,
    `${Math.round(firstAckMs)} ms`,
    `${Math.round(cpuMs)} ms`,
    `${Math.round(idleMegabytes)} MB`,
  ])
  return {
    title: 'Start on an empty folder, and memory of doing nothing: medians',
    rows: [head, ...rows],
  }
}
