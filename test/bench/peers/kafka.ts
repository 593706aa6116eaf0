/**
 * `npm run bench -- kafka [--quick] [--rounds N] [--only WORDS] [--pinned] [--json FILE] [--markdown FILE]`: Varve beside Apache Kafka, the
 * same prepared bytes to both, by turns. All brokers are up the whole time; what the idle ones cost is measured and printed.
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { kafkaCases } from './kafka-cases.ts'
import { installKafka } from './kafka-install.ts'
import {
  type CaseResult,
  latencyTable,
  memoryTable,
  missedOf,
  startTable,
  startVerdicts,
  throughputTable,
  type Verdict,
  verdictsOf,
  verdictTable,
} from './kafka-report.ts'
import { runCases } from './kafka-run.ts'
import type { WarmUps } from './kafka-sides.ts'
import { measureStarts, type StartFigures } from './kafka-start.ts'
import { type Table, tableAsMarkdown, tableAsText } from './tables.ts'

export interface KafkaBench {
  readonly quick: boolean
  readonly rounds: number
  readonly only: string | undefined
  readonly pinned: boolean
  readonly json: string | undefined
  readonly markdown: string | undefined
}

const MEBIBYTE = 2 ** 20
const START_CASE = 'start and idle memory'
const SCALES = {
  whole: { forMs: 800, logBytes: 384 * MEBIBYTE, openMs: 3_000 },
  quick: { forMs: 300, logBytes: 192 * MEBIBYTE, openMs: 1_500 },
}
const WARM_UPS: Readonly<Record<'whole' | 'quick', WarmUps>> = {
  whole: { varveMs: 20_000, kafkaMs: 60_000 },
  quick: { varveMs: 5_000, kafkaMs: 20_000 },
}

/** The exit code: 1 when an aim was missed, or when there is no Kafka to be had. */
export async function benchKafka(options: KafkaBench): Promise<number> {
  const kafka = installKafka()
  if ('missing' in kafka) {
    console.log(kafka.missing)
    return 1
  }
  const { quick, rounds, only } = options
  const cases = kafkaCases(SCALES[quick ? 'quick' : 'whole']).filter(
    ({ name }) => only === undefined || name.includes(only),
  )
  const { cache, version } = kafka
  const starts =
    only === undefined || START_CASE.includes(only)
      ? await measureStarts({ cache, rounds, idleMs: quick ? 2_000 : 4_000 })
      : []
  const { results, notes } = await runCases(cases, {
    ...{ cache, rounds, isPinned: options.pinned },
    warmUps: WARM_UPS[quick ? 'quick' : 'whole'],
  })
  const verdicts = [...results.flatMap(verdictsOf), ...startVerdicts(starts)]
  const tables = tablesOf(results, starts, verdicts)
  const head = [
    `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, Apache Kafka ${version} with -Xms1G -Xmx1G and G1`,
    `${rounds} rounds, each there and back; ${options.pinned ? 'brokers on core 0, generator on core 1' : 'nothing pinned'}`,
    ...(quick ? ['quick: warmed up for too short a time to be quoted'] : []),
    ...notes,
  ]
  console.log([head.join('\n'), ...tables.map(tableAsText)].join('\n\n'))
  const missed = missedOf(verdicts)
  console.log(missed.length === 0 ? '\nAll aims were met.' : `\nMissed:\n  ${missed.join('\n  ')}`)
  if (options.json !== undefined) {
    const raw = results.map(({ one, measured }) => ({
      ...{ case: one.name, unit: one.unit },
      sides: measured.map(({ side, turns }) => ({ name: side.name, turns })),
    }))
    const report = { head, verdicts, starts, cases: raw }
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
  }
  if (options.markdown !== undefined) {
    const said = head.map(line => `- ${line}`).join('\n')
    const text = [said, ...tables.map(tableAsMarkdown)].join('\n\n')
    writeFileSync(options.markdown, `${text}\n`)
  }
  return missed.length === 0 ? 0 : 1
}

function tablesOf(
  results: readonly CaseResult[],
  starts: readonly StartFigures[],
  verdicts: readonly Verdict[],
): Table[] {
  const all = [throughputTable(results), latencyTable(results), startTable(starts)]
  return [...all, memoryTable(results), verdictTable(verdicts)].filter(
    ({ rows }) => rows.length > 0,
  )
}
