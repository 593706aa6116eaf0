import { RECORDS, type Stage } from './reset-offsets-stage.ts'

/** One way to reset, in the words of both tools: `varve groups` takes Kafka's options as they are. */
export interface ResetCase {
  readonly says: string
  readonly args: readonly string[]
  /** The file that the arguments name as `FILE`; `GROUP` stands for each group in it. */
  readonly file?: string
  /** Both refuse, and change nothing. */
  readonly isRefused?: true
}

const HOUR_MS = 3_600_000

/** Every mode, over every scope, at and beyond every edge. */
export function resetCases(stage: Stage): readonly ResetCase[] {
  const { orders, users } = stage
  const all = ['--all-topics']
  const one = ['--topic', orders]
  const both = ['--topic', orders, '--topic', users]
  const some = ['--topic', `${orders}:0,2`]
  const to = (...args: string[]): ResetCase => ({ says: args.join(' '), args })
  return [
    ...[one, all, both, some].flatMap(scope =>
      ['--to-earliest', '--to-latest', '--to-current'].map(mode => to(...scope, mode)),
    ),
    ...['0', '3', '8', String(RECORDS), String(RECORDS + 1), '9007199254740991'].map(offset =>
      to(...one, '--to-offset', offset),
    ),
    to(...all, '--to-offset', '6'),
    ...['3', '-3', '0', '1000', '-1000'].map(by => to(...all, '--shift-by', by)),
    to(...some, '--shift-by', '-4'),
    { ...to(...one, '--shift-by', '1'), isRefused: true },
    ...timesOf(stage).map(time => to(...one, '--to-datetime', time)),
    to(...all, '--to-datetime', textOf(stage.firstAt + HOUR_MS, 'Z')),
    ...['PT5H', 'PT20M', 'PT0S', 'P1D', 'P0DT3H30M', 'P400D', 'PT1H30M10.5S'].map(length =>
      to(...one, '--by-duration', length),
    ),
    to(...both, '--by-duration', 'PT2H'),
    ...filesOf(stage),
  ]
}

/** Times before, among and behind the records, exactly on one and beside it, in several zones and in none. */
function timesOf({ firstAt }: Stage): readonly string[] {
  return [
    textOf(firstAt, ''),
    textOf(firstAt, 'Z'),
    textOf(firstAt + 1, 'Z'),
    textOf(firstAt + 2 * HOUR_MS, ''),
    textOf(firstAt + 2 * HOUR_MS, '+02:00'),
    textOf(firstAt + 2 * HOUR_MS, '-05:30'),
    textOf(firstAt + 2 * HOUR_MS, '+01'),
    textOf(firstAt - 100 * HOUR_MS, 'Z'),
    textOf(firstAt + 100 * HOUR_MS, 'Z'),
  ]
}

/** The same moment in the clock of a zone. */
function textOf(timestamp: number, zone: string): string {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  return `${new Date(timestamp + offset).toISOString().slice(0, -1)}${zone}`
}

function filesOf({ orders, users }: Stage): readonly ResetCase[] {
  const rows = [
    [orders, 0, 4],
    [orders, 1, 7],
    [orders, 2, 1],
    [orders, 3, 11],
    [orders, 4, 400],
    [users, 1, 2],
  ]
  const file = (says: string, lines: readonly string[]): ResetCase => ({
    says: `--from-file of ${says}`,
    args: ['--from-file', 'FILE'],
    file: `${lines.join('\n')}\n`,
  })
  return [
    file(
      'one group',
      rows.map(row => row.join(',')),
    ),
    file(
      'several groups',
      [...rows.map(row => ['GROUP', ...row]), ['another', orders, 0, 19]].map(row => row.join(',')),
    ),
  ]
}
