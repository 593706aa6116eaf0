import type { Command } from '../command.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly internal: boolean
}

/** `varve topics list` */
export const topicsList: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .option('internal', {
        type: 'boolean',
        default: false,
        describe: 'List the topics of the cluster itself too',
      })
      .example('$0 topics list', '')
      .example("$0 topics list --json | jq -r '.[].name'", ''),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const topics = (await admin.listTopics()).filter(topic => options.internal || !topic.isInternal)
    await print(options, terminal, {
      data: topics,
      text: () =>
        topics.length === 0
          ? 'There are no topics.\n'
          : table(
              ['TOPIC', 'PARTITIONS', 'REPLICAS', 'ID'],
              topics.map(topic => [
                topic.name,
                topic.partitions,
                topic.replicationFactor,
                topic.topicId,
              ]),
            ),
    })
  },
}
