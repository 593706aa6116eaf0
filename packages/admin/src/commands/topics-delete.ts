import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConfirmOptions, confirm, confirmOptions } from '../confirm.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { partitionRanges } from '../partition-ranges.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'

interface Options extends ConnectOptions, PrintOptions, ConfirmOptions {
  readonly topics: readonly string[]
  readonly ifExists: boolean
}

/** `varve topics delete` */
export const topicsDelete: Command<Options> = {
  options: yargs =>
    confirmOptions(printOptions(connectOptions(yargs)))
      .positional('topics', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Their names',
      })
      .option('if-exists', {
        type: 'boolean',
        default: false,
        describe: 'Be content when a topic does not exist',
      })
      .example('$0 topics delete orders --dry-run', 'what would be lost')
      .example('$0 topics delete orders --yes', 'in a script'),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const described = await admin.describeTopics([...new Set(options.topics)])
    const missing = described.flatMap(({ error }) => {
      const isFine =
        error === undefined || (options.ifExists && error.code === 'UNKNOWN_TOPIC_OR_PARTITION')
      return isFine ? [] : [error.message]
    })
    // Nothing is deleted when one of the names is wrong: then the others may be too.
    if (missing.length > 0) throw new CommandError(missing.join('; '))
    const topics = described.filter(topic => topic.error === undefined)
    const ranges = await partitionRanges(admin, topics)
    const losses = topics.map(({ name, partitions }) => {
      const own = ranges.filter(range => range.topic === name)
      const records = own.reduce((sum, range) => sum + range.endOffset - range.startOffset, 0)
      return { topic: name, partitions: partitions.length, records }
    })
    if (!options.dryRun && losses.length > 0) {
      if (!options.yes) await confirm(questionOf(losses), terminal)
      const deleted = await admin.deleteTopics(losses.map(({ topic }) => topic))
      const failed = deleted.flatMap(topic => topic.error?.message ?? [])
      if (failed.length > 0) throw new CommandError(failed.join('; '))
    }
    await print(options, terminal, {
      data: losses.map(loss => ({ ...loss, deleted: !options.dryRun })),
      text: () => losses.map(loss => `${sentence(loss, options.dryRun)}\n`).join(''),
    })
  },
}

interface Loss {
  readonly topic: string
  readonly partitions: number
  readonly records: number
}

function sentence(loss: Loss, dryRun: boolean): string {
  return `Topic ${loss.topic} ${dryRun ? 'would be' : 'is'} deleted, with ${sizeOf(loss)}.`
}

/** Offsets are counted, so that records which compaction removed are in the number. */
function sizeOf({ partitions, records }: Loss): string {
  return `${partitions} ${partitions === 1 ? 'partition' : 'partitions'} and about ${records} records`
}

function questionOf(losses: readonly Loss[]) {
  return {
    losses: losses.map(loss => `${loss.topic}: ${sizeOf(loss)}`),
    that: 'the records may be lost',
    question: 'Delete for good?',
    otherwise: 'Nothing was deleted',
  }
}
