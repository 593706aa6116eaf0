/**
 * Compares our tables of settings with a reference: `check-settings.ts --reference DIR`, where DIR has Kafka's settings as
 * `broker-configs.tsv`, `topic-configs.tsv` and `group-configs.tsv`. Prints what differs and `N passed, N failed`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Setting } from '../packages/broker/src/config/setting.ts'
import {
  BROKER_SETTINGS,
  brokerSetting,
  GROUP_SETTINGS,
  groupSetting,
  TOPIC_SETTINGS,
  topicSetting,
  topicSynonymsOf,
} from '../packages/broker/src/config/settings-table.ts'
import {
  varveBrokerSettings,
  varveTopicSettings,
} from '../packages/broker/src/config/settings-varve.ts'

type Row = ReadonlyMap<string, string>

interface Table {
  readonly file: string
  readonly names: readonly string[]
  readonly ownNames: readonly string[]
  readonly find: (name: string) => Setting | undefined
  /** Columns of the reference beside type, default, valid_values and internal, and what we have in their place. */
  readonly columns: { readonly [column: string]: (name: string, setting: Setting) => string }
}

const tables: readonly Table[] = [
  {
    file: 'broker-configs.tsv',
    names: Object.keys(BROKER_SETTINGS),
    ownNames: Object.keys(varveBrokerSettings),
    find: brokerSetting,
    // Settings that are gone in the reference's newer version have no mode there.
    columns: { update_mode: (_name, { mode }) => mode },
  },
  {
    file: 'topic-configs.tsv',
    names: Object.keys(TOPIC_SETTINGS),
    ownNames: Object.keys(varveTopicSettings),
    find: topicSetting,
    columns: {
      'broker_synonyms(order of precedence)': name => topicSynonymsOf(name).join(' ') || '-',
    },
  },
  {
    file: 'group-configs.tsv',
    names: Object.keys(GROUP_SETTINGS),
    ownNames: [],
    find: groupSetting,
    columns: {},
  },
]

/** What one row differs in; empty when it agrees. */
function differences(table: Table, row: Row): string[] {
  const name = row.get('name') ?? ''
  const setting = table.find(name)
  if (setting === undefined) return ['is missing']
  const ours: { readonly [column: string]: string } = {
    type: setting.type,
    default: setting.default === '' ? '""' : (setting.default ?? 'null'),
    valid_values: setting.valid,
    internal: setting.isInternal ? 'yes' : 'no',
    ...Object.fromEntries(
      Object.entries(table.columns).map(([column, of]) => [column, of(name, setting)]),
    ),
  }
  return Object.entries(ours).flatMap(([column, value]) => {
    const expected = row.get(column) ?? ''
    const agrees = value === expected || (column === 'update_mode' && expected === '-')
    return agrees ? [] : [`${column} is ${value}, the reference has ${expected}`]
  })
}

function readRows(path: string): Row[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').split('\n')
  const columns = head.split('\t')
  return lines
    .filter(line => line.trim() !== '')
    .map(line => new Map(line.split('\t').map((value, index) => [columns[index] ?? '', value])))
    .filter(row => row.get('in_4.2') !== 'no')
}

function check(
  table: Table,
  reference: string,
): { readonly passed: number; readonly failed: number } {
  let passed = 0
  let failed = 0
  const report = (name: string, found: readonly string[]): void => {
    if (found.length === 0) passed++
    else failed++
    for (const difference of found) console.log(`${table.file}: ${name} ${difference}`)
  }
  const rows = readRows(join(reference, table.file))
  const known = new Set(rows.map(row => row.get('name') ?? ''))
  for (const row of rows) report(row.get('name') ?? '', differences(table, row))
  for (const name of table.names) {
    if (known.has(name) === table.ownNames.includes(name)) {
      report(name, [
        known.has(name) ? "is both ours and the reference's" : 'is not in the reference',
      ])
    }
  }
  if (rows.length === 0) report(table.file, ['has no rows'])
  return { passed, failed }
}

const { values } = parseArgs({ options: { reference: { type: 'string' } } })
if (values.reference === undefined) {
  console.error('Usage: check-settings.ts --reference DIR')
  process.exitCode = 2
} else {
  const results = tables.map(table => check(table, values.reference ?? ''))
  const sum = (of: 'passed' | 'failed'): number =>
    results.reduce((total, result) => total + result[of], 0)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  process.exitCode = sum('failed') === 0 ? 0 : 1
}
