/** What `npm run bench -- kafka` found, as tables. */
import type { KafkaCase } from './kafka-cases.ts'
import type { StartFigures } from './kafka-start.ts'
import { type Measurements, type Metric, medianOf, ratioOf } from './rounds.ts'
import { amount, type Table } from './tables.ts'

export interface Verdict {
  readonly what: string
  readonly ratio: number
  readonly atLeast: number | undefined
}

export interface CaseResult {
  readonly one: KafkaCase
  readonly measured: readonly Measurements[]
}

const METRICS: Readonly<Partial<Record<Metric, string>>> = {
  perSecond: 'wall',
  perCpuSecond: "per second of the broker's processor",
  p50Ms: 'p50',
  p99Ms: 'p99',
}
const START_AIM = 10
const IDLE_AIM = 4

export function verdictsOf({ one, measured }: CaseResult): Verdict[] {
  const find = (name: string): Measurements | undefined =>
    measured.find(({ side }) => side.name === name)
  return one.aims.flatMap(({ ours, theirs, metric, atLeast }) => {
    const [left, right] = [find(ours), find(theirs)]
    if (left === undefined || right === undefined) return []
    // Of latencies, less is better: a ratio of 2 is half of theirs.
    const isLatency = metric === 'p50Ms' || metric === 'p99Ms'
    const ratio = isLatency ? ratioOf(right, left, metric) : ratioOf(left, right, metric)
    const way = isLatency ? `${theirs} over ${ours}` : `${ours} over ${theirs}`
    return [{ what: `${one.name}: ${way}, ${METRICS[metric] ?? metric}`, ratio, atLeast }]
  })
}

export function startVerdicts([ours, theirs]: readonly StartFigures[]): Verdict[] {
  if (ours === undefined || theirs === undefined) return []
  return [
    {
      what: 'start to the first acknowledged record: kafka over varve',
      ratio: theirs.firstAckMs / ours.firstAckMs,
      atLeast: START_AIM,
    },
    {
      what: 'idle memory: kafka over varve',
      ratio: theirs.idleMegabytes / ours.idleMegabytes,
      atLeast: IDLE_AIM,
    },
  ]
}

export function missedOf(verdicts: readonly Verdict[]): string[] {
  return verdicts
    .filter(({ ratio, atLeast }) => atLeast !== undefined && !(ratio >= atLeast))
    .map(({ what }) => what)
}

export function verdictTable(verdicts: readonly Verdict[]): Table {
  return {
    title: 'Ratios, each taken within a round, and their medians',
    head: ['what', 'ratio', 'aim', 'met'],
    rows: verdicts.map(({ what, ratio, atLeast }) => [
      what,
      ratio.toFixed(2),
      atLeast === undefined ? '' : `>= ${atLeast}`,
      atLeast === undefined ? '' : ratio >= atLeast ? 'yes' : 'NO',
    ]),
  }
}

export function throughputTable(results: readonly CaseResult[]): Table {
  const closed = results.filter(({ measured }) => !hasLatency(measured))
  return {
    title: 'Throughput: medians',
    head: [
      ...['load', 'broker', 'wall', 'per second of its processor', 'cores: broker'],
      ...['generator', 'machine', 'an answer means'],
    ],
    rows: closed.flatMap(({ one, measured }) =>
      measured.map(each => [
        one.isCold === undefined ? one.name : `${one.name} (${disk(each)} of it read there)`,
        each.side.name,
        `${amount(medianOf(each, 'perSecond'))} ${one.unit}`,
        amount(medianOf(each, 'perCpuSecond')),
        medianOf(each, 'brokerCores').toFixed(2),
        medianOf(each, 'generatorCores').toFixed(2),
        medianOf(each, 'machineCores').toFixed(2),
        each.side.answerMeans,
      ]),
    ),
  }
}

function disk(each: Measurements): string {
  return `${Math.round(medianOf(each, 'fromDisk') * 100)} %`
}

function hasLatency(measured: readonly Measurements[]): boolean {
  return measured.some(({ turns }) => turns.some(({ p99Ms }) => !Number.isNaN(p99Ms)))
}

export function latencyTable(results: readonly CaseResult[]): Table {
  return {
    title: "Latency from when a record was due: medians of the rounds' percentiles",
    head: ['load', 'broker', 'end to end p50', 'p99', 'acknowledged p99', 'cores: broker'],
    rows: results
      .filter(({ measured }) => hasLatency(measured))
      .flatMap(({ one, measured }) =>
        measured.map(each => [
          one.name,
          each.side.name,
          `${medianOf(each, 'p50Ms').toFixed(2)} ms`,
          `${medianOf(each, 'p99Ms').toFixed(2)} ms`,
          `${medianOf(each, 'ackP99Ms').toFixed(2)} ms`,
          medianOf(each, 'brokerCores').toFixed(2),
        ]),
      ),
  }
}

export function startTable(starts: readonly StartFigures[]): Table {
  return {
    title: 'Start on an empty folder, and memory of doing nothing: medians',
    head: ['broker', 'to the first acknowledged record', 'processor until then', 'idle memory'],
    rows: starts.map(({ side, firstAckMs, cpuMs, idleMegabytes }) => [
      side,
      `${Math.round(firstAckMs)} ms`,
      `${Math.round(cpuMs)} ms`,
      `${Math.round(idleMegabytes)} MB`,
    ]),
  }
}

/** Of each broker over all its loads, in the order in which they ran. */
export function memoryTable(results: readonly CaseResult[]): Table {
  const bySide = new Map<string, number[]>()
  for (const { measured } of results) {
    for (const { side, turns } of measured) {
      const own = bySide.get(side.name) ?? []
      own.push(...turns.map(turn => turn.residentMegabytes))
      bySide.set(side.name, own)
    }
  }
  return {
    title: 'Resident memory after each load',
    head: ['broker', 'first', 'least', 'most', 'last'],
    rows: [...bySide].map(([name, values]) => [
      name,
      ...[values[0] ?? 0, Math.min(...values), Math.max(...values), values.at(-1) ?? 0].map(
        megabytes => `${Math.round(megabytes)} MB`,
      ),
    ]),
  }
}
