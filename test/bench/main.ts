/**
 * `npm run bench -- [codec | groups | transactions | compaction | log | partitions] [--quick] [--json FILE] [--rounds N] [--only CASE]`: ours beside the least that could be, in the same
 * run. With `codec`, the codecs alone, without a broker; with `groups`, many members and many commits.
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startBrokerProcess } from '../support/processes.ts'
import { compareWithNull } from './against-null.ts'
import { benchCodecs } from './codec.ts'
import { benchCompaction } from './compaction.ts'
import { durableAcknowledgements } from './durable.ts'
import { benchGroups } from './groups.ts'
import { benchLog } from './log.ts'
import { benchPartitions } from './partitions.ts'
import { benchKafka } from './peers/kafka.ts'
import { asText, missed, type Report } from './report.ts'
import { startFigures } from './start.ts'
import { benchTransactions } from './transactions.ts'
import { startGenerator, startNullBroker } from './workers.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    pinned: { type: 'boolean' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    partitions: { type: 'string' },
    whole: { type: 'boolean' },
    'node-arg': { type: 'string', multiple: true },
  },
})
const quick = values.quick === true
const rounds = Number(values.rounds ?? (quick ? 5 : 15))
const scale = quick ? 1 : 4

if (positionals.includes('codec')) {
  const { only, json } = values
  const options = { rounds, sampleMs: quick ? 30 : 100, only, json }
  process.exit((await benchCodecs(options)) ? 0 : 1)
}

if (positionals.includes('compaction')) {
  await benchCompaction({ segments: quick ? 4 : 16 })
  process.exit(0)
}

if (positionals.includes('log')) {
  const overloadSeconds = values.whole === true ? 600 : quick ? 10 : 30
  process.exit((await benchLog({ rounds, quick, overloadSeconds, only: values.only })) ? 0 : 1)
}

if (positionals.includes('partitions')) {
  const partitions = Number(values.partitions ?? (quick ? 1_000 : 10_000))
  process.exit((await benchPartitions({ partitions, nodeArgs: values['node-arg'] ?? [] })) ? 0 : 1)
}

if (positionals.includes('kafka')) {
  const { only, json, markdown, pinned = false } = values
  const peerRounds = Number(values.rounds ?? (quick ? 3 : 5))
  const options = { quick, rounds: peerRounds, only, pinned, json, markdown }
  process.exit(await benchKafka(options))
}

if (positionals.includes('groups')) {
  process.exit((await benchGroups({ rounds, scale, only: values.only })) ? 0 : 1)
}

if (positionals.includes('transactions')) {
  await benchTransactions({ rounds, scale, only: values.only })
  process.exit(0)
}

const settings = {
  'auto.create.topics.enable': 'false',
  'log.retention.ms': '-1',
  // The null broker empties its file after each load. Were ours to keep a deleted topic for a minute, its page cache would never come to
  // be used again, and the first write to memory that a virtual machine has not touched before costs several times the write.
  'log.segment.delete.delay.ms': '0',
}
const durable = await startBrokerProcess({ from: 'dist', settings })
const relaxed = await startBrokerProcess({
  from: 'dist',
  settings: { ...settings, 'flush.mode': 'relaxed' },
})
const nothing = await startNullBroker()
const generator = await startGenerator()

try {
  const options = { rounds, scale, only: values.only, generator, nothing, durable, relaxed }
  const compared = await compareWithNull(options)
  const acknowledged = await durableAcknowledgements(options)
  const report: Report = {
    machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    rounds,
    rows: [...compared.rows, ...acknowledged.rows],
    ratios: [...compared.ratios, ...acknowledged.ratios],
    figures: values.only === undefined ? await startFigures(rounds) : [],
  }
  console.log(asText(report))
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`)
  const short = missed(report)
  console.log(short.length === 0 ? '\nAll aims were met.' : `\nMissed: ${short.join(', ')}`)
  process.exitCode = short.length === 0 ? 0 : 1
} finally {
  await Promise.all([
    durable[Symbol.asyncDispose](),
    relaxed[Symbol.asyncDispose](),
    nothing.close(),
    generator.close(),
  ])
}
