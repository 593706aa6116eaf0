/** Kafka's DumpLogSegments over every file of a data folder: it reads all of them, and whatever it complains of is found in what it prints. */
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaJava } from './kafka-server.ts'

/** What it says when something is wrong. A compacted log has gaps between its offsets, and it says so of every log. */
const COMPLAINTS = [
  /Found timestamp mismatch/i,
  /Found out of order timestamp/i,
  /Indexed offset.*does not match|Mismatches in/i,
  /isvalid: false/,
  /corrupt/i,
  /exception/i,
  /\berror\b/i,
  /Index offset: \d+, log offset: \d+/,
  /Index timestamp: \d+, log timestamp: \d+/,
] as const
const GAPS = /Non-consecutive offsets/i

export interface DumpVerdict {
  readonly files: number
  readonly faults: readonly string[]
}

/** `gapsIn`: topics that are compacted. */
export async function dumpFolder(
  cache: string,
  dataFolder: string,
  gapsIn: ReadonlySet<string>,
): Promise<DumpVerdict> {
  const files = filesOf(dataFolder)
  const indexes = files.filter(file => /\.(index|timeindex)$/.test(file))
  const metadata = files.filter(file => file.includes('/__cluster_metadata-0/'))
  const plain = files.filter(file => !metadata.includes(file))
  const compacted = plain.filter(file => gapsIn.has(topicOf(file)))
  const whole = plain.filter(file => !compacted.includes(file))
  const runs = [
    { options: ['--deep-iteration'], files: whole, allowed: undefined },
    { options: ['--deep-iteration'], files: compacted, allowed: GAPS },
    { options: ['--index-sanity-check'], files: indexes, allowed: undefined },
    { options: ['--verify-index-only'], files: indexes, allowed: undefined },
    { options: ['--cluster-metadata-decoder'], files: metadata, allowed: undefined },
  ].filter(run => run.files.length > 0)
  const faults = await Promise.all(runs.map(run => faultsOf(cache, run)))
  return { files: files.length, faults: faults.flat() }
}

interface Run {
  readonly options: readonly string[]
  readonly files: readonly string[]
  readonly allowed: RegExp | undefined
}

async function faultsOf(cache: string, { options, files, allowed }: Run): Promise<string[]> {
  const args = [...options, '--files', files.join(',')]
  const child = spawn('java', kafkaJava(cache, 'kafka.tools.DumpLogSegments', args), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk))
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  const lines = Buffer.concat(printed).toString().split('\n')
  const read = new Set(lines.flatMap(line => /^Dumping (\S+)/.exec(line)?.[1] ?? []))
  const complaints = allowed === undefined ? [...COMPLAINTS, GAPS] : COMPLAINTS
  const says = options.join(' ')
  return [
    ...(code === 0 ? [] : [`${says} ended with ${code}: ${lines.slice(-5).join(' ')}`]),
    ...files.filter(file => !read.has(file)).map(file => `${says} did not read ${file}`),
    ...lines
      // What users wrote is theirs to say.
      .map(line => line.replace(/ (key|payload): .*/s, ''))
      .filter(line => complaints.some(complaint => complaint.test(line)))
      .map(line => `${says}: ${line}`),
  ].slice(0, 10)
}

function filesOf(dataFolder: string): string[] {
  return (
    readdirSync(dataFolder)
      .map(name => join(dataFolder, name))
      // The tool cannot read the name of a folder that is being deleted.
      .filter(path => /-\d+$/.test(path) && statSync(path).isDirectory())
      .flatMap(folder => readdirSync(folder).map(name => join(folder, name)))
      .filter(path => /\.(log|index|timeindex|txnindex|snapshot|checkpoint)$/.test(path))
  )
}

function topicOf(file: string): string {
  return /([^/]+)-\d+\/[^/]+$/.exec(file)?.[1] ?? ''
}
