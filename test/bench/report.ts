/** What one side did in one case: medians over the rounds. */
export interface Row {
  readonly case: string
  readonly side: string
  readonly perSecond: number
  readonly unit: string
  readonly serverCpuUs: number | undefined
  readonly durability: string
}

/** Ours over the bound, each side's median, rounds interleaved. */
export interface Ratio {
  readonly name: string
  readonly ratio: number
  /** Undefined: printed for the record, asked of nobody. */
  readonly aim: number | undefined
  /** The same by processor time for a request, which neighbours disturb less. */
  readonly cpuRatio?: number | undefined
}

/** A figure with an aim in its own unit; not above it is good. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly aim: number
  /** What it took of the processor, in milliseconds, which neighbours disturb less. */
  readonly cpuMs?: number
}

export interface Report {
  readonly machine: string
  readonly rounds: number
  readonly rows: readonly Row[]
  readonly ratios: readonly Ratio[]
  readonly figures: readonly Figure[]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The names of what missed its aim. */
export function missed(report: Report): string[] {
  const ratios = report.ratios.filter(({ ratio, aim }) => aim !== undefined && !(ratio >= aim))
  const figures = report.figures.filter(({ value, aim }) => !(value <= aim))
  return [...ratios, ...figures].map(({ name }) => name)
}

export function asText(report: Report): string {
  const rows = report.rows.map(row => [
    row.case,
    row.side,
    `${amount(row.perSecond)} ${row.unit}`,
    row.serverCpuUs === undefined ? '' : `${row.serverCpuUs.toFixed(1)} us`,
    row.durability,
  ])
  const ratios = report.ratios.map(({ name, ratio, aim, cpuRatio }) => [
    name,
    ratio.toFixed(2),
    cpuRatio === undefined ? '' : cpuRatio.toFixed(2),
    aim === undefined ? '' : `>= ${aim}`,
    aim === undefined ? '' : ratio >= aim ? 'yes' : 'NO',
  ])
  const figures = report.figures.map(({ name, value, unit, aim, cpuMs }) => [
    name,
    `${value.toFixed(0)} ${unit}`,
    cpuMs === undefined ? '' : `${cpuMs.toFixed(0)} ms`,
    `<= ${aim}`,
    value <= aim ? 'yes' : 'NO',
  ])
  return [
    `${report.machine}; medians of ${report.rounds} interleaved rounds`,
    table(['case', 'side', 'wall', 'server cpu/request', 'an answer means'], rows),
    table(['ours over the bound', 'wall', 'cpu', 'aim', 'met'], ratios),
    table(['figure', 'median', 'cpu', 'aim', 'met'], figures),
  ].join('\n\n')
}

const amount = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1)

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map(row => (row[column] ?? '').length)))
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
