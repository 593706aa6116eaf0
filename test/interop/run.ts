import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { difference } from './compare.ts'
import { type DataRecord, type DataSet, dataSets } from './data-set.ts'
import { THINGS, type Thing } from './matrix.ts'
import type { Command, Peer, ReadRecord, RecordFiles } from './peer.ts'

/** One thing that a client did or failed to do against our broker. */
export interface Outcome {
  readonly peer: string
  readonly says: string
  /** Undefined when it passed. */
  readonly problem: string | undefined
  /** The cells of the matrix that it counts for. */
  readonly things?: readonly Thing[]
}

interface Written {
  readonly topic: string
  readonly compression: string
  readonly records: readonly DataRecord[]
}

export interface InteropOptions {
  readonly bootstrap: string
  readonly peers: readonly Peer[]
  readonly cache: string
  /** The data sets by name; all when there are none. */
  readonly sets?: readonly string[]
  /** Makes a topic of three partitions. */
  readonly createTopic: (topic: string) => Promise<void>
  readonly report: (outcome: Outcome) => void
}

const COMMAND_MS_MAX = 120_000

/** Each client writes each data set, then each client reads what every one wrote, and does what it does in steps. */
export async function runInterop(options: InteropOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-interop-'))
  try {
    const written = await produceAll(options, folder)
    for (const peer of options.peers) await readAll(options, peer, written)
    for (const peer of options.peers) {
      const { name } = peer
      const ask = (
        thing: Thing,
        command: ((bootstrap: string, prefix: string) => Command) | undefined,
      ): Promise<void> =>
        runSteps(options, name, { thing, command: command?.(options.bootstrap, name) })
      await ask('admin', peer.administer)
      await ask('groups', peer.joinGroups)
      await ask('transactions', peer.transact)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function produceAll(options: InteropOptions, folder: string): Promise<Written[]> {
  const written: Written[] = []
  const { sets } = options
  for (const set of dataSets().filter(({ name }) => sets?.includes(name) ?? true)) {
    const files = writeFiles(set, folder)
    for (const [index, peer] of options.peers.entries()) {
      for (const job of jobsOf(peer, set, index)) {
        await options.createTopic(job.topic)
        const command = peer.produce?.({ bootstrap: options.bootstrap, files, ...job })
        if (command === undefined) continue
        const { problem } = await run(command, options)
        const says = `produces ${set.name}, ${job.compression}, ${job.idempotence}`
        const { topic, compression } = job
        const things: Thing[] = ['produce', ...THINGS.filter(thing => thing === compression)]
        options.report({ peer: peer.name, says, problem, things })
        if (problem === undefined) written.push({ topic, compression, records: set.records })
      }
    }
  }
  return written
}

/** The weather travels in every compression; the other sets in one each, idempotent, so that a run stays short. */
function jobsOf(peer: Peer, set: DataSet, index: number) {
  const job = (compression: string, idempotence: 'idempotent' | 'plain') => ({
    topic: `${set.name}.${peer.name.replace(' ', '-')}.${compression}.${idempotence}`,
    compression,
    idempotence,
  })
  if (set.name === 'weather') {
    return [
      job('none', 'plain'),
      ...peer.compressions.map(compression => job(compression, 'idempotent')),
    ]
  }
  return [job(peer.compressions[index % peer.compressions.length] ?? 'none', 'idempotent')]
}

function writeFiles(set: DataSet, folder: string): RecordFiles {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const file = (extension: string, line: (record: DataRecord) => string): string => {
    const path = join(folder, `${set.name}.${extension}`)
    writeFileSync(path, `${set.records.map(line).join('\n')}\n`)
    return path
  }
  return {
    jsonLines: file('jsonl', record => JSON.stringify(record)),
    tabbed: file('tsv', ({ key, value }) => `${key}\t${value}`),
    base64: file('base64', ({ key, value }) => `${base64(key)}\t${base64(value)}`),
  }
}

async function readAll(
  options: InteropOptions,
  peer: Peer,
  all: readonly Written[],
): Promise<void> {
  const written = all.filter(({ compression }) => peer.unread?.[compression] === undefined)
  const topics = written.map(({ topic }) => topic)
  const commands = peer.consume?.({ bootstrap: options.bootstrap, topics }) ?? []
  if (commands.length === 0 || topics.length === 0) return
  const read = new Map<string, ReadRecord[]>(topics.map(topic => [topic, []]))
  const problems: string[] = []
  for (const command of commands) {
    const { output, problem } = await run(command, options)
    if (problem !== undefined) problems.push(problem)
    for (const record of peer.parse?.(output) ?? []) read.get(record.topic)?.push(record)
  }
  for (const { topic, records } of written) {
    const differs = difference(records, read.get(topic) ?? [])
    const problem = differs === undefined ? undefined : [differs, ...new Set(problems)].join('; ')
    options.report({ peer: peer.name, says: `reads ${topic}`, problem, things: ['consume'] })
  }
}

/** A client does one thing in steps of its own. */
async function runSteps(
  options: InteropOptions,
  peer: string,
  { thing, command }: { readonly thing: Thing; readonly command: Command | undefined },
): Promise<void> {
  if (command === undefined) return
  const { output, problem } = await run(command, options)
  const lines = output.split('\n').filter(line => /^(not )?ok /.test(line))
  for (const line of lines) {
    const [says = '', why] = line.replace(/^(not )?ok /, '').split(/: (.*)/s)
    options.report({
      ...{ peer, says, things: [thing] },
      problem: line.startsWith('ok ') ? undefined : (why ?? 'failed'),
    })
  }
  if (problem !== undefined || lines.length === 0) {
    const why = problem ?? 'printed nothing'
    options.report({ peer, says: thing, problem: why, things: [thing] })
  }
}

interface Ended {
  readonly output: string
  readonly problem: string | undefined
}

function run({ program, args }: Command, { cache }: InteropOptions): Promise<Ended> {
  return new Promise(resolve => {
    const env = { ...process.env, VARVE_INTEROP: cache, KAFKAJS_NO_PARTITIONER_WARNING: '1' }
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    const complaints: Buffer[] = []
    const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_MS_MAX)
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
    const ended = (problem: string | undefined): void => {
      clearTimeout(timer)
      resolve({ output: Buffer.concat(output).toString(), problem })
    }
    child.on('error', error => ended(error.message))
    child.on('close', (code, signal) => {
      const said = Buffer.concat(complaints).toString().trim().slice(-600)
      ended(code === 0 ? undefined : `ended with ${code ?? signal}: ${said}`)
    })
  })
}
