import type { DescribedProducers } from '@varve/client'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'
import { partitionsOf, topicScope } from '../topic-scope.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly topics: readonly string[]
  readonly open: boolean
}

/** `varve producers describe` */
export const producersDescribe: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('topics', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Topics, or partitions of them as in orders:0,1,2',
      })
      .option('open', {
        type: 'boolean',
        default: false,
        describe: 'Only producers that have a transaction open there',
      })
      .example('$0 producers describe orders', '')
      .example('$0 producers describe orders:0 --open', 'whose transaction holds readers up'),

  async run(options, terminal) {
    const scopes = options.topics.map(topicScope)
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const described = await admin.describeProducers(await partitionsOf(admin, scopes))
    const rows = described.flatMap(at => rowsOf(at, options.open))
    await print(options, terminal, {
      data: rows,
      text: () => (rows.length === 0 ? 'There are no such producers.\n' : asText(rows)),
    })
    const failed = described.flatMap(({ error }) => error?.message ?? [])
    if (failed.length > 0) throw new CommandError(failed.join('; '))
  },
}

function rowsOf({ topic, partition, producers }: DescribedProducers, onlyOpen: boolean) {
  return producers
    .filter(({ transactionStartOffset }) => !onlyOpen || transactionStartOffset !== undefined)
    .toSorted((a, b) => a.producerId - b.producerId)
    .map(({ transactionStartOffset, ...producer }) => ({
      ...{ topic, partition, ...producer },
      transactionStartOffset: transactionStartOffset ?? null,
    }))
}

function asText(rows: readonly ReturnType<typeof rowsOf>[number][]): string {
  return table(
    ['TOPIC', 'PARTITION', 'PRODUCER', 'EPOCH', 'SEQUENCE', 'LAST WRITE', 'OPEN FROM'],
    rows.map(row => [
      row.topic,
      row.partition,
      row.producerId,
      row.producerEpoch,
      row.lastSequence < 0 ? '-' : row.lastSequence,
      timeOf(row.lastTimestamp),
      row.transactionStartOffset ?? '-',
    ]),
  )
}

/** Records may carry any number as their time. */
function timeOf(timestamp: number): string {
  const date = new Date(timestamp)
  return timestamp < 0 || Number.isNaN(date.getTime()) ? '-' : date.toISOString()
}
