import type { DescribedTransaction } from '@varve/client'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'
import { byPlace } from '../topic-scope.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly ids: readonly string[]
}

/** `varve transactions describe` */
export const transactionsDescribe: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('ids', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Transactional ids',
      })
      .example('$0 transactions describe billing-1', '')
      .example("$0 transactions describe billing-1 --json | jq '.[].partitions'", ''),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const described = await admin.describeTransactions([...new Set(options.ids)])
    const found = described.filter(({ error }) => error === undefined)
    await print(options, terminal, {
      data: found.map(transaction => ({
        ...transaction,
        startedAt: transaction.startedAt ?? null,
      })),
      text: () => found.map(transaction => asText(transaction, Date.now())).join('\n'),
    })
    const failed = described.flatMap(({ error }) => error?.message ?? [])
    if (failed.length > 0) throw new CommandError(failed.join('; '))
  },
}

function asText(transaction: DescribedTransaction, now: number): string {
  const { transactionalId, state, producerId, producerEpoch, coordinatorId } = transaction
  const { timeoutMs, startedAt, partitions } = transaction
  const since =
    startedAt === undefined ? 'no transaction is open' : sinceThen(state, startedAt, now)
  const rows = partitions.toSorted(byPlace).map(({ topic, partition }) => [topic, partition])
  return [
    `${transactionalId}  ${state}\n`,
    `producer ${producerId}, epoch ${producerEpoch}; coordinator ${coordinatorId}\n`,
    `${since}; at most ${seconds(timeoutMs)}\n`,
    rows.length === 0 ? '' : table(['TOPIC', 'PARTITION'], rows),
  ].join('')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

/** The coordinator keeps the beginning of a transaction that has ended. */
function sinceThen(state: string, startedAt: number, now: number): string {
  const began = new Date(startedAt).toISOString()
  const hasEnded = state === 'CompleteCommit' || state === 'CompleteAbort'
  return hasEnded
    ? `no transaction is open, the last one began ${began}`
    : `open since ${began}, for ${seconds(now - startedAt)}`
}
