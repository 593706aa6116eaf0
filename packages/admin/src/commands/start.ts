import type { Command } from '../command.ts'

interface Options {
  readonly config: string | undefined
  readonly override: readonly string[] | undefined
  readonly data: string | undefined
  readonly host: string | undefined
  readonly port: string | undefined
  readonly adopt?: boolean | undefined
}

/** `varve start`: the broker's own program, in this process, so that signals and the process id are the broker's. */
export const start: Command<Options> = {
  options: yargs =>
    yargs
      .option('config', {
        type: 'string',
        requiresArg: true,
        describe: "Settings as lines of key=value, by Kafka's names",
      })
      .option('override', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe:
          'One setting, as key=value; may be repeated, and is stronger than file and environment',
      })
      .option('data', {
        type: 'string',
        requiresArg: true,
        describe: 'The data folder (log.dirs)  [default: ./data]',
      })
      .option('host', {
        type: 'string',
        requiresArg: true,
        describe: 'The address to listen on  [default: 127.0.0.1]',
      })
      .option('port', {
        type: 'string',
        requiresArg: true,
        describe: 'The port to listen on, 0 for a free one  [default: 9092]',
      })
      .option('adopt', {
        type: 'boolean',
        describe:
          'Take over what Kafka left in the data folder: its topics, offsets, groups, transactions and settings',
      })
      .example('$0 start', '')
      .example('$0 start --port 9093 --data /var/lib/varve', '')
      .example('$0 start --override flush.mode=relaxed --override num.partitions=3', '')
      .example('$0 start --data /var/lib/kafka --adopt', ''),

  async run(options) {
    // The broker is found beside its entry point: it is a program, and no part of what the package offers to others.
    const main = new URL(import.meta.resolve('@varve/broker').replace(/index(\.\w+)$/, 'main$1'))
    process.argv = [process.execPath, main.pathname, ...brokerArguments(options)]
    await import(main.href)
  },
}

/** The same options as the broker's program takes them. */
export function brokerArguments(options: Options): readonly string[] {
  const { config, override = [], data, host, port, adopt } = options
  const given = [
    ...Object.entries({ config, data, host, port }),
    ...override.map(setting => ['override', setting] as const),
  ].flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  return adopt === true ? [...given, '--adopt'] : given
}
