import type { Argv } from 'yargs'
import { UsageError } from './command-error.ts'
import { durationMs } from './duration.ts'
import { isoTime } from './iso-time.ts'
import type { OffsetRow } from './offsets-csv.ts'

/** Where the offsets of a group are to go. */
export type ResetTarget =
  | { readonly to: 'earliest' | 'latest' | 'current' }
  | { readonly to: 'offset'; readonly offset: number }
  | { readonly to: 'time'; readonly timestamp: number }
  | { readonly to: 'shift'; readonly by: number }
  | { readonly to: 'rows'; readonly name: string; readonly rows: readonly OffsetRow[] }
  | { readonly to: 'group'; readonly groupId: string }

/** The options that name a target, as they stand on the command line. */
export interface TargetOptions {
  readonly toEarliest: boolean | undefined
  readonly toLatest: boolean | undefined
  readonly toCurrent: boolean | undefined
  readonly toOffset: string | undefined
  readonly toDatetime: string | undefined
  readonly byDuration: string | undefined
  readonly shiftBy: string | undefined
  readonly fromFile: string | undefined
  readonly fromGroup: string | undefined
}

const TARGETS = {
  'to-earliest': 'To the first record that is there',
  'to-latest': 'To the end: only what comes from now on is read',
  'to-current': 'To what is committed, and to the end where nothing is',
  'to-offset': 'To this offset',
  'to-datetime':
    'To the first record at or after a time, as in 2026-11-21T10:00:00Z; without a zone it is UTC',
  'by-duration': 'To the first record since so long ago, as in 90m, 2d or PT1H30M',
  'shift-by': 'By so many records, forward or, below zero, back',
  'from-file':
    'To the offsets in a CSV file: topic,partition,offset or group,topic,partition,offset; - for standard input',
  'from-group': 'To what another group has committed',
} as const

/** Adds the options of which one says where to. */
export function targetOptions(yargs: Argv<object>): Argv<object> {
  const names = Object.keys(TARGETS) as (keyof typeof TARGETS)[]
  let added = yargs
  for (const name of names) {
    const describe = TARGETS[name]
    const isPlain = name === 'to-earliest' || name === 'to-latest' || name === 'to-current'
    added = isPlain
      ? added.option(name, { type: 'boolean', describe })
      : added.option(name, { type: 'string', requiresArg: true, describe })
  }
  return added.group(names, 'Where to, one of:')
}

/** The one target that the options name. `readRows` reads the file, which is not done before the options are right. */
export async function resetTarget(
  options: TargetOptions,
  sources: {
    readonly now: () => number
    readonly readRows: (file: string) => Promise<readonly OffsetRow[]>
  },
): Promise<ResetTarget> {
  const given = chosen(options)
  const [only] = given
  if (only === undefined || given.length > 1) {
    const names = Object.keys(TARGETS).map(name => `--${name}`)
    const why =
      only === undefined ? 'Say where to' : `Only one of ${given.join(' and ')} can be followed`
    throw new UsageError(`${why}; expected one of ${names.join(', ')}`)
  }
  const { toOffset, toDatetime, byDuration, shiftBy, fromFile, fromGroup } = options
  if (toOffset !== undefined) return { to: 'offset', offset: integer('--to-offset', toOffset, 0) }
  if (shiftBy !== undefined) {
    return { to: 'shift', by: integer('--shift-by', shiftBy, Number.MIN_SAFE_INTEGER) }
  }
  if (toDatetime !== undefined) return { to: 'time', timestamp: timestampOf(toDatetime) }
  if (byDuration !== undefined) {
    return { to: 'time', timestamp: sources.now() - lengthOf(byDuration) }
  }
  if (fromFile !== undefined) {
    const name = fromFile === '-' ? 'Standard input' : fromFile
    return { to: 'rows', name, rows: await sources.readRows(fromFile) }
  }
  if (fromGroup !== undefined) return { to: 'group', groupId: fromGroup }
  if (options.toEarliest) return { to: 'earliest' }
  return { to: options.toLatest ? 'latest' : 'current' }
}

function chosen(options: TargetOptions): string[] {
  const values: { readonly [name in keyof typeof TARGETS]: unknown } = {
    'to-earliest': options.toEarliest,
    'to-latest': options.toLatest,
    'to-current': options.toCurrent,
    'to-offset': options.toOffset,
    'to-datetime': options.toDatetime,
    'by-duration': options.byDuration,
    'shift-by': options.shiftBy,
    'from-file': options.fromFile,
    'from-group': options.fromGroup,
  }
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [`--${name}`],
  )
}

function integer(name: string, text: string, min: number): number {
  const value = /^[+-]?\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= min) return value
  const expected = min === 0 ? 'an integer of at least 0' : 'an integer such as 100 or -100'
  throw new UsageError(`${name} is ${JSON.stringify(text)}; expected ${expected}`)
}

function timestampOf(text: string): number {
  const timestamp = isoTime(text)
  if (timestamp !== undefined && timestamp >= 0) return timestamp
  throw new UsageError(
    `--to-datetime is ${JSON.stringify(text)}; expected a time since 1970 such as 2026-11-21T10:00:00Z`,
  )
}

function lengthOf(text: string): number {
  const length = durationMs(text)
  if (length !== undefined) return length
  throw new UsageError(
    `--by-duration is ${JSON.stringify(text)}; expected a time such as 90m, 2d or PT1H30M; months and years have no fixed length`,
  )
}
