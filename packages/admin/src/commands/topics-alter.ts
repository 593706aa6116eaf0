import { alterSettings } from '../alter-settings.ts'
import type { Command } from '../command.ts'
import { type ConnectOptions, connectOptions } from '../connect.ts'
import { type PrintOptions, printOptions } from '../print.ts'
import { type SettingOptions, settingOptions } from '../setting-changes.ts'

interface Options extends ConnectOptions, PrintOptions, SettingOptions {
  readonly topic: string
}

/** `varve topics alter` */
export const topicsAlter: Command<Options> = {
  options: yargs =>
    settingOptions(
      printOptions(connectOptions(yargs)).positional('topic', {
        type: 'string',
        demandOption: true,
        describe: 'Its name',
      }),
    )
      .example('$0 topics alter orders retention.ms=86400000', '')
      .example('$0 topics alter orders --remove retention.ms', ''),

  run: (options, terminal) =>
    alterSettings({ type: 'topic', name: options.topic }, options, terminal),
}
