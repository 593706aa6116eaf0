import type { Command } from '../command.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { namedValues } from '../setting-changes.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly topic: string
  readonly partitions: number | undefined
  readonly replicationFactor: number | undefined
  readonly config: readonly string[] | undefined
  readonly ifNotExists: boolean
  readonly dryRun: boolean
}

/** `varve topics create` */
export const topicsCreate: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('topic', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('partitions', {
        alias: 'p',
        type: 'number',
        requiresArg: true,
        describe: "How many partitions  [default: the broker's num.partitions]",
      })
      .option('replication-factor', {
        alias: 'r',
        type: 'number',
        requiresArg: true,
        describe: "How many copies  [default: the broker's default.replication.factor]",
      })
      .option('config', {
        alias: 'c',
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Settings of the topic, as name=value',
      })
      .option('if-not-exists', {
        type: 'boolean',
        default: false,
        describe: 'Be content when the topic exists already',
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'Only ask the cluster whether it would work',
      })
      .example('$0 topics create orders --partitions 3', '')
      .example('$0 topics create users -c cleanup.policy=compact', ''),

  async run(options, terminal) {
    const { topic: name, partitions, replicationFactor, config } = options
    const configs = namedValues(config ?? [])
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const [created] = await admin.createTopics(
      [
        {
          name,
          configs,
          ...(partitions === undefined ? {} : { partitions }),
          ...(replicationFactor === undefined ? {} : { replicationFactor }),
        },
      ],
      { validateOnly: options.dryRun },
    )
    const error = created?.error
    const existed = error?.code === 'TOPIC_ALREADY_EXISTS' && options.ifNotExists
    if (error !== undefined && !existed) throw error
    const done = existed ? 'exists already' : options.dryRun ? 'could be created' : 'is created'
    await print(options, terminal, {
      data: {
        topic: name,
        created: !existed && !options.dryRun,
        ...(existed ? {} : { topicId: created?.topicId, partitions: created?.partitions }),
        ...(existed ? {} : { replicationFactor: created?.replicationFactor }),
      },
      text: () => {
        const count = created?.partitions ?? -1
        const size =
          existed || count < 0 ? '' : `, with ${count} ${count === 1 ? 'partition' : 'partitions'}`
        return `Topic ${name} ${done}${size}.\n`
      },
    })
  },
}
