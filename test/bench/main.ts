/**
 * `npm run bench -- [SUITE] [options]`: ours beside the least that could be, in the same run. Without a suite, everything that has a bound or
 * an aim; docs/performance.md says what each suite is and what the options mean.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startBrokerProcess } from '../support/processes.ts'
import { compareWithNull } from './against-null.ts'
import { benchCodecs } from './codec.ts'
import { benchCompaction } from './compaction.ts'
import { durableAcknowledgements } from './durable.ts'
import { benchGroups } from './groups.ts'
import { benchLog } from './log.ts'
import { thisMachine } from './machine.ts'
import { benchMixed } from './mixed.ts'
import { asPage, sectionsOf, writeInto, writePlots } from './page.ts'
import { benchPartitions } from './partitions.ts'
import { benchKafka, type PeerBench } from './peers/kafka.ts'
import type { Output } from './peers/output.ts'
import { benchPeers } from './peers/peers.ts'
import { profileCase } from './profile.ts'
import { asText, missed, type Report } from './report.ts'
import { benchSettings, type Placement } from './stage.ts'
import { startFigures } from './start.ts'
import { benchTransactions } from './transactions.ts'
import { benchWhole } from './whole.ts'
import { startGenerator, startNullBroker } from './workers.ts'

const PAGE = 'docs/performance.md'
const QUICK_ROUNDS = 5
const WHOLE_ROUNDS = 5
/** Of some forty comparisons, each of four samples of half a second. */
const LOG_ROUNDS = 7

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    write: { type: 'boolean' },
    plot: { type: 'boolean' },
    rounds: { type: 'string' },
    scale: { type: 'string' },
    only: { type: 'string' },
    pinned: { type: 'boolean' },
    unpinned: { type: 'boolean' },
    profile: { type: 'string' },
    minutes: { type: 'string' },
    partitions: { type: 'string' },
    whole: { type: 'boolean' },
    'node-arg': { type: 'string', multiple: true },
  },
})
const { only, json } = values
const quick = values.quick === true || positionals.includes('quick')
const scale = quick ? 1 : 4

/** Each says whether its aims were met. */
const suites: Readonly<Record<string, () => Promise<boolean>>> = {
  whole: () => reported(whole),
  quick: () => reported(quickly),
  mixed: () => reported(mixed),
  codec: () => benchCodecs({ rounds: rounds(15), sampleMs: quick ? 30 : 100, only, json }),
  groups: () => benchGroups({ rounds: rounds(15), scale, only }),
  transactions: async () => {
    await benchTransactions({ rounds: rounds(15), scale, only })
    return true
  },
  compaction: async () => {
    await benchCompaction({ segments: quick ? 4 : 16 })
    return true
  },
  log: () => {
    const overloadSeconds = values.whole === true ? 600 : quick ? 10 : 30
    return benchLog({ rounds: rounds(LOG_ROUNDS), quick, overloadSeconds, only, output: output() })
  },
  partitions: () => {
    const partitions = Number(values.partitions ?? (quick ? 1_000 : 10_000))
    return benchPartitions({ partitions, nodeArgs: values['node-arg'] ?? [] })
  },
  kafka: () => benchKafka(besidePeers()),
  peers: () => benchPeers(besidePeers()),
}

const [wanted = quick ? 'quick' : 'whole', ...more] = positionals.filter(name => name !== 'quick')
const suite = suites[wanted]
if (suite === undefined || more.length > 0) {
  const unknown = suite === undefined ? wanted : more.join(' ')
  console.error(
    `There is no suite named ${unknown}: name one of ${Object.keys(suites).join(', ')}, or none for all that has an aim.`,
  )
  process.exitCode = 2
} else if (values.profile !== undefined) {
  await profileCase(values.profile)
} else {
  process.exitCode = (await suite()) ? 0 : 1
}
process.exit()

function rounds(usual: number): number {
  return Number(values.rounds ?? (quick ? QUICK_ROUNDS : usual))
}

function output(): Output {
  return { json, markdown: values.markdown, page: values.write === true ? PAGE : undefined }
}

function besidePeers(): PeerBench {
  const peerRounds = Number(values.rounds ?? (quick ? 2 : 5))
  return { quick, only, pinned: values.pinned === true, output: output(), rounds: peerRounds }
}

async function reported(measure: () => Promise<Report>): Promise<boolean> {
  const report = await measure()
  console.log(asText(report))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  const sections = sectionsOf(report)
  if (values.markdown !== undefined) writeFileSync(values.markdown, asPage(sections))
  if (values.write === true) {
    const homeless = writeInto(PAGE, sections)
    if (homeless.length > 0) console.log(`${PAGE} has no place for: ${homeless.join(', ')}`)
  }
  if (values.plot === true || values.write === true) writePlots('docs', report.curves ?? [])
  const short = missed(report)
  console.log(short.length === 0 ? '\nAll aims were met.' : `\nMissed: ${short.join(', ')}`)
  return short.length === 0
}

function whole(): Promise<Report> {
  const placements: Placement[] = []
  if (values.pinned !== true) placements.push('unpinned')
  if (values.unpinned !== true) placements.push('pinned')
  return benchWhole({
    ...{ rounds: rounds(WHOLE_ROUNDS), scale: Number(values.scale ?? 1), only },
    placements: placements.length === 0 ? ['unpinned', 'pinned'] : placements,
  })
}

async function mixed(): Promise<Report> {
  const { figures } = await benchMixed({ minutes: Number(values.minutes ?? 20) })
  return { ...thisMachine(), rounds: 1, rows: [], ratios: [], figures }
}

/** About a minute, for every change: the aims that are asked of it. */
async function quickly(): Promise<Report> {
  const durable = await startBrokerProcess({ from: 'dist', settings: benchSettings })
  const relaxed = await startBrokerProcess({
    from: 'dist',
    settings: { ...benchSettings, 'flush.mode': 'relaxed' },
  })
  const nothing = await startNullBroker()
  const generator = await startGenerator()
  try {
    const sides = { generator, nothing, durable, relaxed }
    const options = { rounds: rounds(QUICK_ROUNDS), scale: 1, only, ...sides }
    const compared = await compareWithNull(options)
    const acknowledged = await durableAcknowledgements(options)
    return {
      ...thisMachine(),
      rounds: options.rounds,
      rows: [...compared.rows, ...acknowledged.rows],
      ratios: [...compared.ratios, ...acknowledged.ratios],
      figures: only === undefined ? await startFigures(options.rounds) : [],
    }
  } finally {
    await Promise.all([
      durable[Symbol.asyncDispose](),
      relaxed[Symbol.asyncDispose](),
      nothing.close(),
      generator.close(),
    ])
  }
}
