/** The tables of a run beside other brokers. */
import { amount } from '../report.ts'
import type { PeerTable } from './output.ts'
import { type Measurements, medianOf } from './peer-turn.ts'

/** A broker, as far as a table tells of it. */
export interface Named {
  readonly name: string
  /** What an acknowledgement promises. */
  readonly answerMeans: string
}

export interface CaseResult<S extends Named = Named> {
  readonly name: string
  readonly unit: string
  readonly measured: readonly Measurements<S>[]
}

export function resultTables(results: readonly CaseResult[]): PeerTable[] {
  return [throughputTable(results), latencyTable(results), memory(results)]
}

function throughputTable(results: readonly CaseResult[]): PeerTable {
  const head = [
    ...['load', 'broker', 'wall', 'per second of its processor', 'cores: broker', 'generator'],
    ...['machine', 'read from the disk', 'an answer means'],
  ]
  const rows = results
    .filter(({ measured }) => !hasLatency(measured))
    .flatMap(({ name, unit, measured }) =>
      measured.map(each => [
        name,
        each.side.name,
        `${amount(medianOf(each, 'perSecond'))} ${unit}`,
        amount(medianOf(each, 'perCpuSecond')),
        medianOf(each, 'brokerCores').toFixed(2),
        medianOf(each, 'generatorCores').toFixed(2),
        medianOf(each, 'machineCores').toFixed(2),
        share(medianOf(each, 'fromDisk')),
        each.side.answerMeans,
      ]),
    )
  return { title: 'Throughput: medians', rows: [head, ...rows] }
}

function share(value: number): string {
  return Number.isNaN(value) ? '' : `${Math.round(value * 100)} %`
}

function hasLatency(measured: CaseResult['measured']): boolean {
  return measured.some(({ turns }) => turns.some(({ p99Ms }) => !Number.isNaN(p99Ms)))
}

function latencyTable(results: readonly CaseResult[]): PeerTable {
  const head = ['load', 'broker', 'end to end p50', 'p99', 'acknowledged p99', 'cores: broker']
  const milliseconds = (value: number): string => `${value.toFixed(2)} ms`
  const rows = results
    .filter(({ measured }) => hasLatency(measured))
    .flatMap(({ name, measured }) =>
      measured.map(each => [
        name,
        each.side.name,
        milliseconds(medianOf(each, 'p50Ms')),
        milliseconds(medianOf(each, 'p99Ms')),
        milliseconds(medianOf(each, 'ackP99Ms')),
        medianOf(each, 'brokerCores').toFixed(2),
      ]),
    )
  return {
    title: "Latency from when a record was due: medians of the rounds' percentiles",
    rows: [head, ...rows],
  }
}

/** Of each broker over all its loads, in the order in which they ran. */
function memory(results: readonly CaseResult[]): PeerTable {
  const bySide = new Map<string, number[]>()
  for (const { measured } of results) {
    for (const { side, turns } of measured) {
      const own = bySide.get(side.name) ?? []
      own.push(...turns.map(turn => turn.residentMegabytes))
      bySide.set(side.name, own)
    }
  }
  const rows = [...bySide].map(([name, values]) => {
    const told = [values[0], Math.min(...values), Math.max(...values), values.at(-1)]
    return [name, ...told.map(megabytes => `${Math.round(megabytes ?? 0)} MB`)]
  })
  return {
    title: 'Resident memory after the loads, in the order in which they ran',
    rows: [['broker', 'first', 'least', 'most', 'last'], ...rows],
  }
}
