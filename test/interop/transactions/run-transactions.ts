/**
 * Transactions of every client against our broker: each runs its program, each reads what each has written under both isolation levels. The
 * Java program runs against a Kafka broker too, and is to be told the same. Then Kafka's tools read what was left in the data folder.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Varve } from '@varve/client'
import { startBrokerProcess } from '../../support/processes.ts'
import { formatKafkaFolder, hasKafkaServer, startKafkaServer } from '../folders/kafka-server.ts'
import type { Command } from '../peer.ts'
import type { Outcome } from '../run.ts'
import { dumpFaults, formatterFaults } from './files-check.ts'
import { type Isolation, linesOf, type TransactionKind, transactionKinds } from './kinds.ts'
import { zombieFaults } from './zombies.ts'

export const TRANSACTIONS = 'transactions'

const ISOLATIONS: readonly Isolation[] = ['read_committed', 'read_uncommitted']
const COMMAND_MS_MAX = 120_000
const TOOLS = 'Kafka’s tools'

export interface TransactionsOptions {
  readonly cache: string
  readonly report: (outcome: Outcome) => void
  readonly log: (line: string) => void
  /** Names of clients; all when there are none. */
  readonly only: readonly string[]
}

export async function runTransactions(options: TransactionsOptions): Promise<void> {
  const { cache, log, only } = options
  const classes = mkdtempSync(join(tmpdir(), 'varve-classes-'))
  const kinds = transactionKinds(cache, classes).filter(
    ({ name }) => only.length === 0 || only.includes(name),
  )
  const dataFolder = mkdtempSync(join(tmpdir(), 'varve-transactions-'))
  try {
    await runAgainstOurs(options, kinds, dataFolder)
    const java = kinds.find(({ name }) => name === 'java')
    if (java !== undefined && hasKafkaServer(cache)) await runAgainstKafka(options, java)
    else log('transactions: not compared with Kafka, for its server or the Java client is missing')
  } finally {
    for (const folder of [classes, dataFolder]) rmSync(folder, { recursive: true, force: true })
  }
}

async function runAgainstOurs(
  options: TransactionsOptions,
  kinds: readonly TransactionKind[],
  dataFolder: string,
): Promise<void> {
  const { cache, report } = options
  await using broker = await startBrokerProcess({ from: 'dist', dataFolder, patienceMs: 60_000 })
  const { bootstrap } = broker
  await makeTopics(bootstrap, kinds)
  // Mostly they wait for a transaction to time out.
  await Promise.all(kinds.map(kind => runProgram(options, kind, bootstrap)))
  for (const kind of kinds) await replaceZombie(options, { kind, readers: kinds, bootstrap })
  for (const writer of kinds)
    for (const reader of kinds)
      for (const isolation of ISOLATIONS)
        await readOne(options, { writer, reader, isolation, bootstrap })
  if (hasKafkaServer(cache))
    await attempt(report, 'print __transaction_state as we read it', () =>
      formatterFaults(cache, bootstrap),
    )
  const code = await broker.stop()
  if (code !== 0) throw new Error(`the broker ended with ${code}: ${broker.output()}`)
  if (hasKafkaServer(cache))
    await attempt(report, 'read .txnindex and .snapshot as we do', () =>
      dumpFaults(cache, dataFolder),
    )
}

async function makeTopics(bootstrap: string, kinds: readonly TransactionKind[]): Promise<void> {
  await using admin = new Varve({ brokers: [bootstrap] }).admin()
  const names = kinds.flatMap(kind => [topicOf(kind), zombieTopicOf(kind)])
  const topics = names.map(name => ({ name, partitions: 3 }))
  for (const { error } of await admin.createTopics(topics)) if (error !== undefined) throw error
}

const zombieTopicOf = ({ name }: TransactionKind): string => `zombies.${name}`
const topicOf = ({ name }: TransactionKind): string => `transactions.${name}`

async function runProgram(
  { cache, report }: TransactionsOptions,
  kind: TransactionKind,
  bootstrap: string,
): Promise<void> {
  const says = 'uses transactions in every way'
  await attempt({ report, peer: kind.name }, says, async () =>
    differences(
      kind.told,
      linesOf(await outputOf(cache, kind.produce({ bootstrap, topic: topicOf(kind) }))),
    ),
  )
}

async function readOne(
  { cache, report }: TransactionsOptions,
  what: {
    readonly writer: TransactionKind
    readonly reader: TransactionKind
    readonly isolation: Isolation
    readonly bootstrap: string
  },
): Promise<void> {
  const { writer, reader, isolation, bootstrap } = what
  const says = `reads the transactions of ${writer.name}, ${isolation}`
  const { committed, aborted } = writer
  const expected =
    isolation === 'read_committed' ? committed : [...committed, ...aborted].toSorted()
  await attempt({ report, peer: reader.name }, says, async () => {
    const output = await outputOf(
      cache,
      reader.read({ bootstrap, topic: topicOf(writer), isolation }),
    )
    const values = reader.values(output).join(' ')
    return values === expected.join(' ') ? [] : [`read ${values}, expected ${expected.join(' ')}`]
  })
}

/** Its successor's records are read by every client, and none of its own. */
async function replaceZombie(
  { cache, report }: TransactionsOptions,
  given: {
    readonly kind: TransactionKind
    readonly readers: readonly TransactionKind[]
    readonly bootstrap: string
  },
): Promise<void> {
  const { kind, readers, bootstrap } = given
  const topic = zombieTopicOf(kind)
  const env = envOf(cache)
  const says = 'is stopped in a transaction, replaced and woken up: nothing of it is read'
  await attempt({ report, peer: kind.name }, says, async () => {
    const run = (command: Command) => outputOf(cache, command)
    const faults = await zombieFaults(kind, { bootstrap, topic, run, env })
    for (const reader of readers) {
      const output = await run(reader.read({ bootstrap, topic, isolation: 'read_committed' }))
      const values = reader.values(output).join(' ')
      if (values !== 's0 s1 s2') faults.push(`${reader.name} read ${values}`)
    }
    return faults
  })
}

/** The Java program, told by Kafka what our broker has told it. */
async function runAgainstKafka({ cache, report }: TransactionsOptions, java: TransactionKind) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'varve-kafka-transactions-'))
  try {
    await formatKafkaFolder(cache, dataFolder)
    const kafka = await startKafkaServer(cache, dataFolder)
    try {
      const { bootstrap } = kafka
      await makeTopics(bootstrap, [java])
      await attempt({ report, peer: 'java' }, 'is told the same by Kafka', async () => {
        const output = await outputOf(cache, java.produce({ bootstrap, topic: topicOf(java) }))
        return differences(java.told, linesOf(output))
      })
    } finally {
      await kafka.stop()
    }
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

function differences(expected: readonly string[], found: readonly string[]): string[] {
  const missing = expected.filter(line => !found.includes(line))
  const extra = found.filter(line => !expected.includes(line))
  return [...missing.map(line => `expected “${line}”`), ...extra.map(line => `found “${line}”`)]
}

async function attempt(
  to: TransactionsOptions['report'] | (Pick<Outcome, 'peer'> & Pick<TransactionsOptions, 'report'>),
  says: string,
  work: () => Promise<readonly string[]>,
): Promise<void> {
  const { report, peer } = typeof to === 'function' ? { report: to, peer: TOOLS } : to
  const faults = await work().catch((error: unknown) => [String(error)])
  report({ peer, says, problem: faults.length === 0 ? undefined : faults.join('; ') })
}

const run = promisify(execFile)

async function outputOf(cache: string, { program, args }: Command): Promise<string> {
  const { stdout } = await run(program, [...args], { env: envOf(cache), timeout: COMMAND_MS_MAX })
  return stdout
}

const envOf = (cache: string): NodeJS.ProcessEnv => ({
  ...process.env,
  VARVE_INTEROP: cache,
  KAFKAJS_NO_PARTITIONER_WARNING: '1',
})
