import { DiskError, dumpLogFile, type RecordDecoder } from '@varve/broker'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { jsonOfEntry, linesOfEntry } from '../dump-lines.ts'
import { type PrintOptions, printOptions } from '../print.ts'
import { printable } from '../printable.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends PrintOptions {
  readonly files: readonly string[]
  readonly records: boolean
  readonly decode: RecordDecoder | 'by-folder'
  readonly maxBytes: number | undefined
}

const DECODERS = ['by-folder', 'none', 'offsets', 'transactions', 'share', 'metadata'] as const

/** `varve log dump` */
export const logDump: Command<Options> = {
  options: yargs =>
    printOptions(yargs)
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Files of a data folder: logs, indexes, snapshots, checkpoints, the journal',
      })
      .option('records', {
        type: 'boolean',
        default: false,
        describe: 'Open the batches and print every record',
      })
      .option('decode', {
        choices: DECODERS,
        default: 'by-folder' as const,
        requiresArg: true,
        describe: 'What records are, where they are not users’: by the topic in the folder’s name',
      })
      .option('max-bytes', {
        type: 'number',
        requiresArg: true,
        describe: 'End after so many bytes of each log',
      })
      .example('$0 log dump data/orders-0/00000000000000000000.log', '')
      .example('$0 log dump --records data/__consumer_offsets-0/*.log', 'what groups committed')
      .example('$0 log dump --json data/orders-0/*.snapshot | jq .producerId', '')
      .epilogue(
        'Nothing is changed, and a broker may be running. Lines are those of DumpLogSegments.',
      ),

  async run(options, terminal) {
    for (const path of options.files) {
      try {
        await dump(path, options, terminal)
      } catch (error) {
        if (error instanceof DiskError) throw new CommandError(sentenceOf(path, error))
        throw error
      }
    }
  },
}

/** Lines are gathered, for a segment has many. */
const WRITE_CHARACTERS = 64 * 1024

async function dump(path: string, options: Options, terminal: Terminal): Promise<void> {
  let text = ''
  let count = 0
  const entries = dumpLogFile(path, {
    records: options.records ? 'shown' : 'left out',
    decoder: options.decode === 'by-folder' ? 'by folder' : options.decode,
    maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
  })
  for await (const entry of entries) {
    const lines = options.json ? [jsonOfEntry(path, entry)] : linesOfEntry(path, entry)
    for (const line of lines) text += `${printable(line)}\n`
    count++
    if (text.length < WRITE_CHARACTERS) continue
    await terminal.write(text)
    text = ''
    terminal.interrupted.throwIfAborted()
  }
  // Kafka's tool says so of this kind.
  if (count === 1 && !options.json && path.endsWith('.index')) text += `${path} is empty.\n`
  await terminal.write(text)
}

function sentenceOf(path: string, error: DiskError): string {
  if (error.code === 'ENOENT') return `There is no file ${path}`
  if (error.code === 'EINVAL')
    return `${path} has no name that a file of a data folder has, such as 00000000000000000000.log`
  return `${path} cannot be read: ${error.code}`
}
