/** Kafka's own tools over what transactions leave: its formatter over `__transaction_state`, its DumpLogSegments over indexes and snapshots. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Varve } from '@varve/client'
import { crc32c, transactionRecordCodec } from '@varve/protocol'
import { decodeProducerSnapshot } from '../../../packages/broker/src/log/producer-snapshot.ts'
import { TransactionIndex } from '../../../packages/broker/src/log/transaction-index.ts'
import { kafkaJava } from '../folders/kafka-server.ts'

const run = promisify(execFile)
const OUTPUT = { maxBuffer: 2 ** 27, timeout: 120_000 }
const TOPIC = '__transaction_state'

/** What Kafka's formatter prints of each record, beside how we read it; gives what differs. */
export async function formatterFaults(cache: string, bootstrap: string): Promise<string[]> {
  const expected = await ourReading(bootstrap)
  const { stdout } = await run(
    'java',
    kafkaJava(cache, 'org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...['--bootstrap-server', bootstrap, '--topic', TOPIC, '--from-beginning'],
      ...['--max-messages', `${expected.length}`, '--timeout-ms', '60000', '--formatter'],
      'org.apache.kafka.tools.consumer.TransactionLogMessageFormatter',
    ]),
    OUTPUT,
  )
  // One object after another, with nothing between them.
  const printed = stdout
    .replaceAll('}{"key"', '}\n{"key"')
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => canonical(JSON.parse(line) as Printed))
  const missing = expected.filter(line => !printed.includes(line))
  const extra = printed.filter(line => !expected.includes(line))
  const faults = [
    ...missing.map(line => `not printed: ${line}`),
    ...extra.map(line => `printed: ${line}`),
  ]
  return expected.length > 0 ? faults.slice(0, 3) : ['there is no record']
}

interface Printed {
  readonly key: { readonly data: { readonly transactionalId: string } }
  readonly value: { readonly data: PrintedValue } | null
}

interface PrintedValue {
  readonly producerId: number
  readonly producerEpoch: number
  readonly transactionTimeoutMs: number
  readonly transactionStatus: number
  readonly transactionPartitions:
    | readonly { readonly topic: string; readonly partitionIds: readonly number[] }[]
    | null
  readonly transactionLastUpdateTimestampMs: number
  readonly transactionStartTimestampMs: number
}

function canonical({ key, value }: Printed): string {
  const { transactionalId } = key.data
  if (value === null) return JSON.stringify([transactionalId])
  const { data } = value
  return JSON.stringify([
    ...[transactionalId, data.producerId, data.producerEpoch, data.transactionTimeoutMs],
    ...[data.transactionStatus, data.transactionLastUpdateTimestampMs],
    data.transactionStartTimestampMs,
    data.transactionPartitions?.map(({ topic, partitionIds }) => [topic, partitionIds]) ?? null,
  ])
}

async function ourReading(bootstrap: string): Promise<string[]> {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const varve = new Varve({ brokers: [bootstrap], log: silent })
  await using consumer = varve.consumer({ topics: [TOPIC], startAt: 'earliest', stopAtEnd: true })
  const lines: string[] = []
  for await (const { key, value } of consumer) {
    if (key === null) continue
    const record = transactionRecordCodec.decode(key, value)
    if (record.type !== 'TransactionLog') continue
    lines.push(
      canonical({
        key: { data: record.key },
        value: record.value === null ? null : { data: record.value },
      }),
    )
  }
  return lines
}

/** DumpLogSegments over every `.txnindex` and `.snapshot` of a folder that a broker has left, beside how we read them. */
export async function dumpFaults(cache: string, dataFolder: string): Promise<string[]> {
  const files = readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(txnindex|snapshot)$/.test(name) && !name.startsWith('__cluster_metadata'))
    .map(name => join(dataFolder, name))
  const { stdout } = await run(
    'java',
    kafkaJava(cache, 'kafka.tools.DumpLogSegments', ['--files', files.join(',')]),
    OUTPUT,
  )
  const sections = new Map<string, string[]>()
  let section: string[] = []
  for (const line of stdout.split('\n')) {
    const path = /^Dumping (.*)$/.exec(line)?.[1]
    if (path !== undefined) sections.set(path, (section = []))
    else if (line !== '') section.push(line)
  }
  const kinds = new Set(files.map(path => path.slice(path.lastIndexOf('.'))))
  if (kinds.size < 2) return [`there are files of ${[...kinds].join()} only`]
  return files.flatMap(path => {
    const found = (sections.get(path) ?? []).map(numbersIn)
    const expected = path.endsWith('.snapshot') ? snapshotOf(path) : indexOf(path)
    return found.join('; ') === expected.join('; ')
      ? []
      : [`${path}: Kafka reads ${found.join('; ')}, we read ${expected.join('; ')}`]
  })
}

/** `producerId: 6 producerEpoch: 0 ...` as its leading numbers: all of an index's entry, id and epoch of a snapshot's. */
function numbersIn(line: string): string {
  const numbers = [...line.matchAll(/: (-?\d+)/g)].map(([, number]) => number)
  return line.startsWith('version') ? numbers.slice(1).join() : numbers.slice(0, 2).join()
}

function indexOf(path: string): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const index = new TransactionIndex(Number(name.slice(0, 20)))
  const flaw = index.load(readFileSync(path))
  if (flaw !== undefined) return [flaw]
  return index
    .entries()
    .map(({ producerId, firstOffset, lastOffset, lastStableOffset }) =>
      [producerId, firstOffset, lastOffset, lastStableOffset].join(),
    )
}

function snapshotOf(path: string): string[] {
  const entries = decodeProducerSnapshot(
    { snapshot: readFileSync(path), sequences: undefined },
    crc32c,
  )
  const found = entries?.map(({ producerId, producerEpoch }) => `${producerId},${producerEpoch}`)
  return found ?? ['a damaged snapshot']
}
