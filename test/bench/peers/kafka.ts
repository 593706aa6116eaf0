/**
 * `npm run bench -- kafka [--quick] [--rounds N] [--only WORDS] [--pinned] [--json FILE] [--markdown FILE] [--write]`: Varve beside Apache
 * Kafka, the same prepared bytes to both, by turns. All brokers are up the whole time; what the idle ones cost is measured and printed.
 */
import { thisMachine } from '../machine.ts'
import { kafkaCases } from './kafka-cases.ts'
import { installKafka } from './kafka-install.ts'
import { missedOf, startTable, startVerdicts, verdictsOf, verdictTable } from './kafka-report.ts'
import { runCases } from './kafka-run.ts'
import type { WarmUps } from './kafka-sides.ts'
import { measureStarts } from './kafka-start.ts'
import { type Output, putOut } from './output.ts'
import { resultTables } from './peer-tables.ts'

/** What every suite beside other brokers can be told. */
export interface PeerBench {
  readonly quick: boolean
  readonly rounds: number
  readonly only: string | undefined
  readonly pinned: boolean
  readonly output: Output
}

const MEBIBYTE = 2 ** 20
const START_CASE = 'start and idle memory'
const SCALES = {
  whole: { forMs: 800, logBytes: 384 * MEBIBYTE, openMs: 2_000 },
  quick: { forMs: 300, logBytes: 192 * MEBIBYTE, openMs: 1_500 },
}
const IDLE_MS = { whole: 4_000, quick: 2_000 }
const WARM_UPS: Readonly<Record<'whole' | 'quick', WarmUps>> = {
  whole: { varveMs: 20_000, kafkaMs: 60_000 },
  quick: { varveMs: 4_000, kafkaMs: 20_000 },
}

/** Says whether all aims were met; not, when there is no Kafka to be had. */
export async function benchKafka(options: PeerBench): Promise<boolean> {
  const kafka = installKafka()
  if ('missing' in kafka) {
    console.log(kafka.missing)
    return false
  }
  const { quick, rounds, only, pinned, output } = options
  const { cache, version } = kafka
  const size = quick ? 'quick' : 'whole'
  const isWanted = (name: string): boolean => only === undefined || name.includes(only)
  const starts = isWanted(START_CASE)
    ? await measureStarts({ cache, rounds, idleMs: IDLE_MS[size] })
    : []
  const cases = kafkaCases(SCALES[size]).filter(({ name }) => isWanted(name))
  const warmUps = WARM_UPS[size]
  const { results, notes, problems } = await runCases(cases, {
    cache,
    rounds,
    isPinned: pinned,
    warmUps,
  })
  const verdicts = results.flatMap(result =>
    verdictsOf(result, cases.find(({ name }) => name === result.name)?.aims ?? []),
  )
  verdicts.push(...startVerdicts(starts))
  const { machine, date, commit } = thisMachine()
  const head = [
    `${machine}; commit ${commit}, ${date}`,
    `Apache Kafka ${version} with -Xms1G -Xmx1G and G1, as its start script has it`,
    `${rounds} rounds, each there and back; ${pinned ? 'brokers on core 0, generator on core 1' : 'nothing pinned'}`,
    ...(quick ? ['quick: warmed up for too short a time to be quoted'] : []),
    ...notes,
    ...problems.map(problem => `not measured: ${problem}`),
  ]
  const tables = [...resultTables(results), startTable(starts), verdictTable(verdicts)]
  putOut({ suite: 'kafka', head, tables, raw: { verdicts, starts, results } }, output)
  const missed = [...problems, ...missedOf(verdicts)]
  console.log(missed.length === 0 ? '\nAll aims were met.' : `\nMissed:\n  ${missed.join('\n  ')}`)
  return missed.length === 0
}
