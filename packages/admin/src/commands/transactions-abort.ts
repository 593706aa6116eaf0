import type { Admin, DescribedProducer, DescribedTransaction } from '@varve/client'
import type { Command } from '../command.ts'
import { CommandError, UsageError } from '../command-error.ts'
import { type ConfirmOptions, confirm, confirmOptions } from '../confirm.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectOptions, PrintOptions, ConfirmOptions {
  readonly ids: readonly string[] | undefined
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly startOffset: number | undefined
  readonly producerId: number | undefined
}

/** `varve transactions abort` */
export const transactionsAbort: Command<Options> = {
  options: yargs =>
    confirmOptions(printOptions(connectOptions(yargs)))
      .positional('ids', {
        type: 'string',
        array: true,
        describe: 'Transactional ids: their producers are fenced, as a successor would',
      })
      .option('topic', { type: 'string', requiresArg: true, describe: 'Where it hangs' })
      .option('partition', { type: 'number', requiresArg: true, describe: 'Where it hangs' })
      .option('start-offset', {
        type: 'number',
        requiresArg: true,
        describe: 'The first offset of the transaction, as producers describe shows it',
      })
      .option('producer-id', {
        type: 'number',
        requiresArg: true,
        describe: 'Its producer, instead of the offset',
      })
      .group(['topic', 'partition', 'start-offset', 'producer-id'], 'In one partition alone:')
      .example('$0 transactions abort billing-1', '')
      .example(
        '$0 transactions abort --topic orders --partition 0 --start-offset 17 --yes',
        'one that no coordinator knows of',
      ),

  async run(options, terminal) {
    const ids = [...new Set(options.ids ?? [])]
    const hanging = hangingOf(options)
    if (ids.length > 0 === (hanging !== undefined))
      throw new UsageError('Name transactional ids, or --topic and what it takes; not both')
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    if (hanging === undefined) await abortByIds(ids, { options, admin, terminal })
    else await abortInPartition(hanging, { options, admin, terminal })
  },
}

interface Aborting {
  readonly options: Options
  readonly admin: Admin
  readonly terminal: Terminal
}

/** A transaction that is known by where it is. */
interface Hanging {
  readonly topic: string
  readonly partition: number
  readonly startOffset: number | undefined
  readonly producerId: number | undefined
}

function hangingOf(options: Options): Hanging | undefined {
  const { topic, partition, startOffset, producerId } = options
  if (topic === undefined) {
    if ((partition ?? startOffset ?? producerId) === undefined) return undefined
    throw new UsageError('--topic is missing')
  }
  if (partition === undefined) throw new UsageError('--partition is missing')
  if ((startOffset === undefined) === (producerId === undefined))
    throw new UsageError('Say one of --start-offset and --producer-id')
  return { topic, partition, startOffset, producerId }
}

async function abortByIds(ids: readonly string[], aborting: Aborting): Promise<void> {
  const { options, admin, terminal } = aborting
  const described = await admin.describeTransactions(ids)
  for (const { error, transactionalId } of described) {
    // To fence one that does not exist would make it.
    if (error?.code === 'TRANSACTIONAL_ID_NOT_FOUND')
      throw new CommandError(`There is no transactional id ${transactionalId}`)
    if (error !== undefined) throw error
  }
  if (!options.dryRun && !options.yes) {
    await confirm(
      questionOf(
        described.map(({ transactionalId, ...of }) => `${transactionalId}: ${stateOf(of)}`),
      ),
      terminal,
    )
  }
  const outcomes = options.dryRun ? [] : await admin.fenceProducers(ids)
  const done = described.filter((_, index) => outcomes[index]?.error === undefined)
  await print(options, terminal, {
    data: described.map(transaction => ({
      transactionalId: transaction.transactionalId,
      producerId: transaction.producerId,
      partitions: transaction.partitions,
      aborted: !options.dryRun && done.includes(transaction),
    })),
    text: () =>
      done
        .map(({ transactionalId, ...of }) => {
          const what = `${options.dryRun ? 'would be' : 'is'} fenced, with ${stateOf(of)}`
          return `The producer with the transactional id ${transactionalId} ${what}.\n`
        })
        .join(''),
  })
  const failed = outcomes.flatMap(({ error }) => error?.message ?? [])
  if (failed.length > 0) throw new CommandError(failed.join('; '))
}

async function abortInPartition(hanging: Hanging, aborting: Aborting): Promise<void> {
  const { options, admin, terminal } = aborting
  const { topic, partition } = hanging
  const producer = await openProducer(admin, hanging)
  const { producerId, producerEpoch, transactionStartOffset } = producer
  const about = `the transaction of producer ${producerId}, epoch ${producerEpoch}, in ${topic}-${partition} from offset ${transactionStartOffset} on`
  if (!options.dryRun && !options.yes) await confirm(questionOf([about]), terminal)
  if (!options.dryRun) {
    const { error } = await admin.abortTransaction({ topic, partition, ...producer })
    if (error !== undefined) throw error
  }
  const what = options.dryRun ? 'would be' : 'is'
  await print(options, terminal, {
    data: { topic, partition, ...producer, aborted: !options.dryRun },
    text: () => `${about.replace('the', 'The')} ${what} aborted.\n`,
  })
}

/** The producer that has this transaction open. */
async function openProducer(admin: Admin, hanging: Hanging): Promise<DescribedProducer> {
  const { topic, partition, startOffset, producerId } = hanging
  const [described] = await admin.describeProducers([{ topic, partition }])
  if (described?.error !== undefined) throw described.error
  const open = (described?.producers ?? []).filter(one => one.transactionStartOffset !== undefined)
  const found = open.find(
    one => one.transactionStartOffset === startOffset || one.producerId === producerId,
  )
  if (found !== undefined) return found
  const offsets = open.map(one => one.transactionStartOffset).join(', ')
  const which =
    startOffset === undefined ? `of producer ${producerId}` : `that begins at offset ${startOffset}`
  throw new CommandError(
    `There is no open transaction ${which} in ${topic}-${partition}; ` +
      (offsets === '' ? 'none is open there' : `those that are open begin at ${offsets}`),
  )
}

function stateOf({
  state,
  partitions,
}: Pick<DescribedTransaction, 'state' | 'partitions'>): string {
  const count = partitions.length
  return state === 'Ongoing'
    ? `its open transaction in ${count} ${count === 1 ? 'partition' : 'partitions'}`
    : `no open transaction (${state})`
}

function questionOf(losses: readonly string[]) {
  return {
    losses,
    that: 'what was written in the transaction may be lost',
    question: 'Abort for good?',
    otherwise: 'Nothing was aborted',
  }
}
