import { open } from 'node:fs/promises'
import type { Producer, ProducerRecord } from '@varve/client'
import type { Command } from '../command.ts'
import { CommandError, UsageError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { recordOfJson } from '../json-record.ts'
import { linesOf } from '../lines.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectOptions {
  readonly topic: string
  readonly file: string | undefined
  readonly json: boolean
  readonly keySeparator: string | undefined
  readonly partition: number | undefined
  readonly compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly acks: 'all' | '1' | '0'
}

/** Chunks of input whose records may be under way at a time. */
const CHUNKS_UNDER_WAY_MAX = 8

/** `varve produce` */
export const produce: Command<Options> = {
  options: yargs =>
    connectOptions(yargs)
      .positional('topic', { type: 'string', demandOption: true, describe: 'Where the records go' })
      .option('file', {
        alias: 'f',
        type: 'string',
        requiresArg: true,
        describe: 'Read this file  [default: standard input]',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe:
          'Read JSON lines: { "key", "value", "headers", "partition", "timestamp" }, of which only the value is needed',
      })
      .option('key-separator', {
        alias: 'k',
        type: 'string',
        requiresArg: true,
        describe: 'What stands between key and value in a line',
      })
      .option('partition', {
        alias: 'p',
        type: 'number',
        requiresArg: true,
        describe: 'Write to this partition  [default: by key]',
      })
      .option('compression', {
        choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const,
        default: 'none' as const,
        describe: 'How batches are compressed',
      })
      .option('acks', {
        type: 'string',
        choices: ['all', '1', '0'] as const,
        default: 'all' as const,
        describe: 'Who must have a record before it counts as written',
      })
      .example("echo 'hello' | $0 produce orders", '')
      .example("echo 'user-1:hello' | $0 produce orders -k :", 'with a key')
      .example('$0 produce orders --file orders.jsonl --json', ''),

  async run(options, terminal) {
    if (options.json && options.keySeparator !== undefined) {
      throw new UsageError('--key-separator is for lines, and --json has a field for the key')
    }
    const varve = await connect(options, terminal)
    const input = await inputOf(options, terminal)
    const count = new Count()
    const producer = varve.producer({
      compression: options.compression,
      acks: ACKS[options.acks],
      // A chunk of input is sent at once: it is a batch already, and a person at the keyboard does not wait.
      lingerMs: 0,
    })
    try {
      await send(producer, input, { options, count, interrupted: terminal.interrupted })
    } finally {
      await producer.close()
      terminal.say(
        `${count.written} ${count.written === 1 ? 'record' : 'records'} written to ${options.topic}`,
      )
    }
    if (terminal.interrupted.aborted) throw new CommandError('Interrupted')
  },
}

const ACKS = { all: -1, 1: 1, 0: 0 } as const

/** How many records were acknowledged. */
class Count {
  written = 0
}

interface Sending {
  readonly options: Options
  readonly count: Count
  readonly interrupted: AbortSignal
}

async function send(
  producer: Producer,
  input: AsyncIterable<Uint8Array>,
  { options, count, interrupted }: Sending,
): Promise<void> {
  const underWay: Promise<unknown>[] = []
  let failure: Error | undefined
  let lineNumber = 0
  const settle = async (records: readonly ProducerRecord[]) => {
    try {
      for (const range of await producer.sendBatch(records)) count.written += range.recordsCount
    } catch (error) {
      count.written += writtenOf(error)
      failure ??= error as Error
    }
  }
  try {
    for await (const lines of linesOf(input)) {
      const { records, problem } = recordsOf(lines, lineNumber, options)
      lineNumber += lines.length
      if (underWay.length >= CHUNKS_UNDER_WAY_MAX) await underWay.shift()
      // What came before a bad line is written: that is what the count says.
      if (records.length > 0) underWay.push(settle(records))
      if (problem !== undefined) throw problem
      if (failure !== undefined || interrupted.aborted) break
    }
  } catch (error) {
    // An interrupt closes the input in the midst of reading, which is no failure of its own.
    if (!interrupted.aborted) throw error
  } finally {
    await Promise.all(underWay)
  }
  if (failure !== undefined) throw failure
}

function recordsOf(lines: readonly Buffer[], linesBefore: number, options: Options) {
  const records: ProducerRecord[] = []
  for (const [index, line] of lines.entries()) {
    try {
      const record = recordOfLine(line, options)
      if (record !== undefined) records.push(record)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      const problem = new CommandError(
        `Line ${linesBefore + index + 1} cannot be sent: ${error.message}`,
      )
      return { records, problem }
    }
  }
  return { records, problem: undefined }
}

function recordOfLine(line: Buffer, options: Options): ProducerRecord | undefined {
  const { topic, keySeparator, partition } = options
  const place = partition === undefined ? { topic } : { topic, partition }
  if (options.json) {
    // JSON lines may be set apart by empty ones; as text, an empty line is an empty value.
    const text = line.toString()
    return text.trim() === '' ? undefined : { ...recordOfJson(topic, text), ...place }
  }
  if (keySeparator === undefined) return { ...place, value: line }
  const at = line.indexOf(keySeparator)
  if (at < 0)
    throw new CommandError(`there is no ${JSON.stringify(keySeparator)} between key and value`)
  const value = line.subarray(at + Buffer.byteLength(keySeparator))
  return { ...place, key: line.subarray(0, at), value }
}

/** How many records of a failed `sendBatch` were written nevertheless. */
function writtenOf(error: unknown): number {
  const sent =
    (error as { readonly sent?: readonly { readonly recordsCount: number }[] }).sent ?? []
  return sent.reduce((sum, range) => sum + range.recordsCount, 0)
}

async function inputOf({ file }: Options, terminal: Terminal): Promise<AsyncIterable<Uint8Array>> {
  if (file === undefined || file === '-') {
    if (terminal.isInteractive) terminal.say('A record a line; end with Ctrl-D.')
    return terminal.input
  }
  try {
    return (await open(file)).createReadStream({ highWaterMark: 256 * 1024 })
  } catch (error) {
    const isMissing = (error as { code?: string }).code === 'ENOENT'
    throw new CommandError(isMissing ? `There is no file ${file}` : (error as Error).message)
  }
}
