import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A record of `__consumer_offsets` as Kafka's formatter prints it: bytes as base64, `value` null where it takes back. */
export interface PrintedRecord {
  readonly key: { readonly type: number; readonly data: Readonly<Record<string, unknown>> }
  readonly value: {
    readonly version: number
    readonly data: Readonly<Record<string, unknown>>
  } | null
}

/** Kafka's two for `__consumer_offsets`, and one of Kafka's making but for what it lets through. */
export const FORMATTERS = {
  offsets: 'org.apache.kafka.tools.consumer.OffsetsMessageFormatter',
  groups: 'org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter',
  all: 'GroupRecordFormatter',
} as const

const CONSUMER = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
const QUIET_MS = 10_000
const ENDED_MS_MAX = 60_000

/** Kafka's console consumer, which reads `__consumer_offsets` from its beginning until nothing more comes. */
export class ConsoleFormatters {
  readonly #classPath: string
  readonly #classes: string
  readonly #bootstrap: string

  /** Of the tools that `install.sh` left in `cache`. */
  constructor(cache: string, bootstrap: string) {
    this.#bootstrap = bootstrap
    this.#classes = mkdtempSync(join(tmpdir(), 'varve-formatter-'))
    const jars = join(cache, 'tools/jars/*')
    this.#classPath = `${this.#classes}:${jars}`
    const source = fileURLToPath(new URL('../java/GroupRecordFormatter.java', import.meta.url))
    const args = ['-cp', jars, '-d', this.#classes, source]
    const compiled = spawnSync('javac', args, { encoding: 'utf8', timeout: ENDED_MS_MAX })
    if (compiled.status !== 0) throw new Error(`javac: ${compiled.stderr}`)
  }

  async read(formatter: keyof typeof FORMATTERS): Promise<PrintedRecord[]> {
    const child = spawn(
      'java',
      [
        ...['-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=off'],
        ...['-cp', this.#classPath, CONSUMER, '--bootstrap-server', this.#bootstrap],
        ...['--topic', '__consumer_offsets', '--from-beginning', '--timeout-ms', `${QUIET_MS}`],
        ...['--formatter', FORMATTERS[formatter]],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], timeout: ENDED_MS_MAX },
    )
    const printed: Buffer[] = []
    const complaints: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
    await once(child, 'close')
    const output = Buffer.concat(printed).toString()
    // One object after another, with nothing between them.
    const lines = output
      .replaceAll('}{"key"', '}\n{"key"')
      .split('\n')
      .filter(line => line.startsWith('{'))
    if (lines.length === 0) throw new Error(`it printed no record: ${Buffer.concat(complaints)}`)
    return lines.map(line => JSON.parse(line) as PrintedRecord)
  }

  [Symbol.dispose](): void {
    rmSync(this.#classes, { recursive: true, force: true })
  }
}
