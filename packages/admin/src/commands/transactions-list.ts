import type { TransactionalIdState } from '@varve/client'
import type { Command } from '../command.ts'
import { UsageError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { durationMs } from '../duration.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly state: readonly TransactionalIdState[] | undefined
  readonly producerId: readonly number[] | undefined
  readonly openFor: string | undefined
  readonly idPattern: string | undefined
}

const STATES: readonly TransactionalIdState[] = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'PrepareEpochFence',
  'Dead',
]

/** `varve transactions list` */
export const transactionsList: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .option('state', {
        choices: STATES,
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Only transactions in this state',
      })
      .option('producer-id', {
        type: 'number',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Only those of this producer',
      })
      .option('open-for', {
        type: 'string',
        requiresArg: true,
        describe: 'Only those open for longer than this, as in 10m or PT10M',
      })
      .option('id-pattern', {
        type: 'string',
        requiresArg: true,
        describe: 'Only ids that match this RE2 expression as a whole',
      })
      .example('$0 transactions list', '')
      .example('$0 transactions list --state Ongoing --open-for 10m', 'those that may hang')
      .example("$0 transactions list --json | jq -r '.[].transactionalId'", ''),

  async run(options, terminal) {
    const { state, producerId, idPattern } = options
    const openForMs = openForMsOf(options.openFor)
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const transactions = await admin.listTransactions({
      states: state ?? [],
      producerIds: producerId ?? [],
      ...(openForMs === undefined ? {} : { openForMs }),
      ...(idPattern === undefined ? {} : { transactionalIdPattern: idPattern }),
    })
    await print(options, terminal, {
      data: transactions,
      text: () =>
        transactions.length === 0
          ? 'There are no such transactions.\n'
          : table(
              ['TRANSACTIONAL ID', 'STATE', 'PRODUCER', 'COORDINATOR'],
              transactions.map(one => [
                one.transactionalId,
                one.state,
                one.producerId,
                one.coordinatorId,
              ]),
            ),
    })
  },
}

function openForMsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = durationMs(text)
  if (ms === undefined)
    throw new UsageError(`--open-for is ${JSON.stringify(text)}; expected a duration as in 10m`)
  return ms
}
