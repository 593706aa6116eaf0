import type { Command } from '../command.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly topic: string
  readonly partitions: number
  readonly dryRun: boolean
}

/** `varve topics add-partitions` */
export const topicsAddPartitions: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('topic', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('partitions', {
        alias: 'p',
        type: 'number',
        demandOption: true,
        requiresArg: true,
        describe:
          'How many it shall have in all. They cannot be taken away again, and keys move to other partitions',
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'Only ask the cluster whether it would work',
      })
      .example('$0 topics add-partitions orders --partitions 6', ''),

  async run(options, terminal) {
    const { topic, partitions: count } = options
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const [outcome] = await admin.createPartitions([{ topic, count }], {
      validateOnly: options.dryRun,
    })
    if (outcome?.error !== undefined) throw outcome.error
    await print(options, terminal, {
      data: { topic, partitions: count, changed: !options.dryRun },
      text: () => `Topic ${topic} ${options.dryRun ? 'could have' : 'has'} ${count} partitions.\n`,
    })
  },
}
