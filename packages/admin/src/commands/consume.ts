import type { Assignment, Consumer, ConsumerOptions, ConsumerRecord } from '@varve/client'
import type { Command } from '../command.ts'
import { UsageError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { jsonOfRecord } from '../json-record.ts'
import { startPosition } from '../start-position.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectOptions {
  readonly topic: string
  readonly from: string | undefined
  readonly partition: readonly number[] | undefined
  readonly group: string | undefined
  readonly groupProtocol: 'classic' | 'consumer' | undefined
  readonly follow: boolean
  readonly maxRecords: number | undefined
  readonly json: boolean
  readonly keySeparator: string | undefined
  readonly isolationLevel: 'read_uncommitted' | 'read_committed'
}

/** `varve consume` */
export const consume: Command<Options> = {
  options: yargs =>
    connectOptions(yargs)
      .positional('topic', { type: 'string', demandOption: true, describe: 'What to read' })
      .option('from', {
        type: 'string',
        requiresArg: true,
        describe:
          'Where to begin: beginning, end, an offset, or a time such as 2026-11-21T10:00:00Z; with --group, where the group has committed nothing  [default: beginning; with --follow the end]',
      })
      .option('partition', {
        alias: 'p',
        type: 'number',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Read only these partitions',
      })
      .option('group', {
        alias: 'g',
        type: 'string',
        requiresArg: true,
        describe: 'Join this group: read its share of the partitions, and commit what was printed',
      })
      .option('group-protocol', {
        choices: ['classic', 'consumer'] as const,
        describe: 'How the group works; consumer is that of KIP-848  [default: classic]',
      })
      .option('follow', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Wait for new records; without it, reading stops at the end',
      })
      .option('max-records', {
        alias: 'n',
        type: 'number',
        requiresArg: true,
        describe: 'Stop after so many records',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print JSON lines, with key, headers, offset and time; produce --json reads them',
      })
      .option('key-separator', {
        alias: 'k',
        type: 'string',
        requiresArg: true,
        describe: 'Print keys too, with this behind them',
      })
      .option('isolation-level', {
        choices: ['read_uncommitted', 'read_committed'] as const,
        default: 'read_uncommitted' as const,
        describe: 'Whether records of open and aborted transactions are left out',
      })
      .example('$0 consume orders', 'all that is there')
      .example('$0 consume orders --follow', 'what comes from now on')
      .example(
        '$0 consume orders --group billing --follow',
        'its share, and what it prints is committed',
      )
      .example('$0 consume orders --from 2026-11-21T10:00:00Z --json -n 10', ''),

  async run(options, terminal) {
    if (options.json && options.keySeparator !== undefined) {
      throw new UsageError('--key-separator is for lines, and --json prints the key anyway')
    }
    const { maxRecords } = options
    if (maxRecords !== undefined && !(Number.isInteger(maxRecords) && maxRecords > 0)) {
      throw new UsageError(`--max-records is ${maxRecords}; expected an integer of at least 1`)
    }
    const reading = readingOf(options)
    const varve = await connect(options, terminal)
    await using consumer = varve.consumer(reading)
    // Ctrl-C is how following ends: the consumer stops, and that is no failure.
    const stop = () => void consumer.close()
    terminal.interrupted.addEventListener('abort', stop, { once: true })
    try {
      await writeRecords(consumer, options, terminal)
    } catch (error) {
      if (!terminal.interrupted.aborted) throw error
    } finally {
      terminal.interrupted.removeEventListener('abort', stop)
    }
  },
}

/** What the consumer shall read, and from where. */
function readingOf(options: Options): ConsumerOptions {
  const { topic, partition, follow, isolationLevel, group } = options
  const startAt = startPosition(options.from ?? (follow ? 'end' : 'beginning'))
  // An offset that is no longer there means the first that is; one beyond the end, that there is nothing.
  const common = { autoOffsetReset: 'earliest', stopAtEnd: !follow, isolationLevel } as const
  if (group === undefined && options.groupProtocol !== undefined)
    throw new UsageError('--group-protocol says how a group works; name it with --group')
  if (group !== undefined && partition !== undefined)
    throw new UsageError(
      '--partition and --group contradict each other: members are given their partitions by the group',
    )
  if (group !== undefined) {
    const groupProtocol = options.groupProtocol ?? 'classic'
    return { ...common, topics: [topic], startAt, groupId: group, groupProtocol }
  }
  if (partition === undefined) return { ...common, topics: [topic], startAt }
  const assignments = [...new Set(partition)].map((number): Assignment => {
    if (!Number.isInteger(number) || number < 0) {
      throw new UsageError(`--partition is ${number}; expected an integer of at least 0`)
    }
    return { topic, partition: number, offset: startAt }
  })
  return { ...common, assignments }
}

async function writeRecords(
  consumer: Consumer,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  let remaining = options.maxRecords ?? Number.POSITIVE_INFINITY
  for await (const batch of consumer.batches()) {
    let text = ''
    let last: ConsumerRecord | undefined
    for (const record of batch.records) {
      text += `${lineOf(record, options)}\n`
      last = record
      remaining--
      if (remaining === 0) break
    }
    await terminal.write(text)
    if (remaining > 0) continue
    // Of the last batch, --max-records may leave a part to the group.
    if (options.group !== undefined && last !== undefined) await consumer.commit(last)
    return
  }
}

function lineOf(record: ConsumerRecord, options: Options): string {
  if (options.json) return jsonOfRecord(record)
  const value = String(record.value)
  return options.keySeparator === undefined
    ? value
    : `${String(record.key)}${options.keySeparator}${value}`
}
