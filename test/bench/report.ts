import { GENERATOR_LIMIT_CORES } from './accounting.ts'
import type { Percentiles } from './percentiles.ts'
import { asTable } from './table.ts'

/** What one side did in one round. */
export interface Turn {
  readonly perSecond: number
  readonly perCpuSecond: number
  readonly serverCpuUs: number
  readonly machineCpuUs: number
  readonly generatorCores: number
}

/** What one side did in one case: medians over the rounds. */
export interface Row {
  readonly case: string
  readonly side: string
  readonly perSecond: number
  readonly unit: string
  readonly serverCpuUs: number | undefined
  readonly durability: string
  /** By second of the server's processor, in `unit`. */
  readonly perCpuSecond?: number
  /** Of the whole machine for a request: server, generator, kernel and neighbours. */
  readonly machineCpuUs?: number
  /** Of one core, by the load generator. */
  readonly generatorCores?: number
  /** Every round that was counted. */
  readonly turns?: readonly Turn[]
}

/** Ours over the bound, each side's median, rounds interleaved. */
export interface Ratio {
  readonly name: string
  readonly ratio: number
  /** Undefined: printed for the record, asked of nobody. */
  readonly aim: number | undefined
  /** The same by processor time for a request, which neighbours disturb less. */
  readonly cpuRatio?: number | undefined
  /** The generator had no more to give on one of the sides: the aim is asked of the processor's ratio. */
  readonly isGeneratorBound?: boolean
}

/** A figure with an aim in its own unit; not above it is good. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Undefined: printed for the record, asked of nobody. */
  readonly aim: number | undefined
  /** What it took of the processor, in milliseconds, which neighbours disturb less. */
  readonly cpuMs?: number
}

/** Medians over the rounds of each round's percentiles. */
export interface LatencyRow {
  readonly case: string
  readonly side: string
  readonly sent: Percentiles
  readonly acknowledged: Percentiles
  readonly endToEnd: Percentiles
  readonly generatorCores: number
}

/** How one figure goes as something else grows. */
export interface Curve {
  readonly name: string
  readonly side: string
  readonly grows: string
  readonly unit: string
  readonly points: readonly CurvePoint[]
}

export interface CurvePoint {
  readonly at: number
  readonly perCpuSecond: number
  readonly perSecond: number
  readonly generatorCores: number
  readonly residentMegabytes: number
}

export interface Report {
  readonly machine: string
  /** When, and of which commit, with `+` when the tree had changes. */
  readonly date?: string
  readonly commit?: string
  readonly rounds: number
  readonly rows: readonly Row[]
  readonly ratios: readonly Ratio[]
  readonly figures: readonly Figure[]
  readonly latencies?: readonly LatencyRow[]
  readonly curves?: readonly Curve[]
  /** Parts that ended with an error: they count as missed. */
  readonly problems?: readonly string[]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Whether the aim was met; undefined where there is none. */
export function isMet({ ratio, cpuRatio, aim, isGeneratorBound }: Ratio): boolean | undefined {
  if (aim === undefined) return undefined
  return isGeneratorBound === true ? (cpuRatio ?? Number.NaN) >= aim : ratio >= aim
}

/** The names of what missed its aim. */
export function missed(report: Report): string[] {
  const ratios = report.ratios.filter(one => isMet(one) === false)
  const figures = report.figures.filter(({ value, aim }) => aim !== undefined && !(value <= aim))
  return [...[...ratios, ...figures].map(({ name }) => name), ...(report.problems ?? [])]
}

/** The tables of a report, as a terminal shows them or as a page does. */
export function tables(report: Report): Record<'rows' | 'ratios' | 'figures', string[][]> {
  const isWhole = report.rows.some(row => row.machineCpuUs !== undefined)
  const rows = report.rows.map(row => [
    row.case,
    row.side,
    `${amount(row.perSecond)} ${row.unit}`,
    row.serverCpuUs === undefined ? '' : `${row.serverCpuUs.toFixed(1)} us`,
    ...(isWhole ? wholeCells(row) : []),
    row.durability,
  ])
  const whole = isWhole ? ['machine cpu/request', 'for a cpu second', 'generator'] : []
  const ratios = report.ratios.map(one => [
    one.name,
    one.ratio.toFixed(2),
    one.cpuRatio === undefined ? '' : one.cpuRatio.toFixed(2),
    one.aim === undefined ? '' : `>= ${one.aim}`,
    verdict(isMet(one)) +
      (one.isGeneratorBound === true ? ' (by cpu: generator at its limit)' : ''),
  ])
  const figures = report.figures.map(({ name, value, unit, aim, cpuMs }) => [
    name,
    `${value >= 20 ? value.toFixed(0) : value.toFixed(2)} ${unit}`,
    cpuMs === undefined ? '' : `${cpuMs.toFixed(0)} ms`,
    aim === undefined ? '' : `<= ${aim}`,
    verdict(aim === undefined ? undefined : value <= aim),
  ])
  return {
    rows: [['case', 'side', 'wall', 'server cpu/request', ...whole, 'an answer means'], ...rows],
    ratios: [['ours over the bound', 'wall', 'cpu', 'aim', 'met'], ...ratios],
    figures: [['figure', 'median', 'cpu', 'aim', 'met'], ...figures],
  }
}

function wholeCells(row: Row): string[] {
  const { machineCpuUs, perCpuSecond, generatorCores } = row
  const isLimit = (generatorCores ?? 0) > GENERATOR_LIMIT_CORES
  return [
    machineCpuUs === undefined ? '' : `${machineCpuUs.toFixed(1)} us`,
    perCpuSecond === undefined ? '' : `${amount(perCpuSecond)} ${row.unit.replace('/s', '')}`,
    generatorCores === undefined
      ? ''
      : `${generatorCores.toFixed(2)} cores${isLimit ? ' = the limit' : ''}`,
  ]
}

export function asText(report: Report): string {
  const { rows, ratios, figures } = tables(report)
  const { date, commit } = report
  const of = date === undefined ? '' : `, ${date}, commit ${commit}`
  return [
    `${report.machine}${of}; medians of ${report.rounds} interleaved rounds`,
    ...[rows, ratios, figures].filter(({ length }) => length > 1).map(asTable),
  ].join('\n\n')
}

const verdict = (met: boolean | undefined): string => (met === undefined ? '' : met ? 'yes' : 'NO')

export const amount = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)
